import {
  type CloudProvider,
  LEAD,
  modelAt,
  PROVIDER_NAMES,
  PROVIDER_REASONS,
  type ProviderReason,
  type ProviderRef,
  utcTime,
  type WorkloadIdentity,
} from '@agentteam/contract';
import { connectionCode } from '../forward.ts';
import { ProxyError } from '../upstream/tunnel.ts';
import { type ErrorReply, errorOf } from './error-of.ts';

/** Facts that the messages mention, so that their readers know what to change. */
export interface MessageContext {
  readonly agent: string;
  /** As the team's spec has it. */
  readonly model: string;
  /** The Secret of `auth`; absent when the team names none. */
  readonly secret: string | undefined;
  /** Whether the credential comes from this machine instead of a cluster's Secret. */
  readonly isLocal: boolean;
  /** Absent: Anthropic. */
  readonly provider: ProviderRef | undefined;
  /** The identity of the pod's service account, which takes the place of a Secret. */
  readonly identity: WorkloadIdentity | undefined;
}

/** The keys that a Secret can have for a provider. */
const KEYS: Readonly<Record<'anthropic' | CloudProvider, string>> = {
  anthropic: 'ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN',
  bedrock: 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_BEARER_TOKEN_BEDROCK',
  vertex: 'GOOGLE_APPLICATION_CREDENTIALS',
  foundry: 'ANTHROPIC_FOUNDRY_API_KEY, or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET',
};

/** @param credential the key that the Secret has; `undefined` when it has none that the API accepts. */
export function credentialRefused(
  error: ErrorReply,
  credential: string | undefined,
  context: MessageContext,
): string {
  const missing = credential === undefined ? '; none is set' : '';
  const problem = `${nameOf(context)} refused the credential (${describe(error)})${missing}`;
  return `${problem}: ${renew(credential, context)}`;
}

/** For a credential that cannot even be sent. @param problem what is wrong with it. */
export function credentialUnusable(problem: string, context: MessageContext): string {
  return `${problem}: ${renew(undefined, context)}`;
}

/** For a valid credential without access to a model, or a region without the model. */
export function noAccess(error: ErrorReply, context: MessageContext): string {
  const { provider, model, secret, identity } = context;
  const whose =
    identity !== undefined
      ? (identity.roleArn ??
        identity.serviceAccountEmail ??
        'the identity of auth.workloadIdentity')
      : secret === undefined
        ? 'this credential'
        : `the credential in the Secret ${secret}`;
  const id = provider === undefined ? model : modelAt(provider, model);
  return `${nameOf(context)} does not let ${whose} use the model ${JSON.stringify(id)}${regionOf(provider)} (${describe(error)}): allow it there, or choose another model, region or credential, then run agentteam retry`;
}

/** For a region whose list of models does not have the agent's. */
export function missingModel(context: MessageContext): string {
  const { provider, model, agent } = context;
  const id = provider === undefined ? model : modelAt(provider, model);
  const field = agent === LEAD ? 'spec.lead.model' : `the model of ${agent}`;
  return `${nameOf(context)} does not offer the model ${JSON.stringify(id)}${regionOf(provider)}: correct ${field}, auth.models or auth.region, and start the team again`;
}

function nameOf({ provider }: MessageContext): string {
  return provider === undefined ? 'the API' : PROVIDER_NAMES[provider.name];
}

function regionOf(provider: ProviderRef | undefined): string {
  return provider?.region === undefined ? '' : ` in ${provider.region}`;
}

function renew(
  credential: string | undefined,
  { secret, isLocal, provider, identity }: MessageContext,
): string {
  if (identity !== undefined) {
    return 'correct auth.workloadIdentity, or what the provider allows this identity, then run agentteam retry';
  }
  const name = credential ?? KEYS[provider?.name ?? 'anthropic'];
  if (isLocal || secret === undefined) {
    const file = secret === undefined ? '' : ` (or the file of --secret ${secret}=FILE)`;
    return `set the environment variable ${name}${file} to a valid credential, then run agentteam retry`;
  }
  return `put a valid credential into the key ${name} of the Secret ${secret}, then run agentteam retry`;
}

export function unknownModel(error: ErrorReply, context: MessageContext): string {
  const { agent, model } = context;
  const field = agent === LEAD ? 'spec.lead.model' : `the model of ${agent}`;
  return `${nameOf(context)} does not offer the model ${JSON.stringify(model)} to this credential (${describe(error)}): correct ${field}, and start the team again`;
}

export function invalidRequest(error: ErrorReply, context: MessageContext): string {
  const { agent } = context;
  return `${nameOf(context)} refused a request of ${agent} as invalid (${describe(error)}): correct the part of the team's spec that caused it, and start the team again`;
}

/** For a team that does not wait at limits. @param forMs how long the limit holds, if that is known. */
export function limitReached(
  error: ErrorReply,
  reason: ProviderReason,
  forMs: number | undefined,
): string {
  const until = forMs === undefined ? '' : utcTime(new Date(Date.now() + forMs).toISOString());
  const end = until === '' ? '' : `, until ${until}`;
  const remedy =
    reason === 'no-credit'
      ? 'add credit to the account, then run agentteam retry'
      : `run agentteam retry${until === '' ? ' later' : ' after that'}`;
  return `the API refused the agent: ${PROVIDER_REASONS[reason]}${end} (${describe(error)}); ${remedy}. The agent did not wait, because lifecycle.onProviderLimit is fail`;
}

/** Error codes of Node and OpenSSL for a certificate that is not trusted. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)_|HOSTNAME_MISMATCH/;

/**
 * For a connection that could not be made until a person changes a setting.
 * @param isLocal on the embedded engine.
 * @returns `undefined` for an error that may pass by itself.
 */
export function connectionRefused(error: unknown, isLocal: boolean): string | undefined {
  const code = connectionCode(error);
  if (code !== undefined && CERTIFICATE.test(code)) {
    const remedy = isLocal
      ? 'set NODE_EXTRA_CA_CERTS to a file with the certificate of that authority'
      : "name the ConfigMap with the certificate of that authority in the chart's trust.configMap (agentteam compile --trust)";
    return `the certificate of the API is signed by an authority that is not trusted (${code}): ${remedy}, then run agentteam retry`;
  }
  const status = error instanceof ProxyError ? error.status : undefined;
  if (status === 407 || status === 403) {
    const remedy = isLocal ? 'correct HTTPS_PROXY' : "correct the chart's proxy settings";
    return `the proxy refuses requests to the API (${status}): ${remedy}, then run agentteam retry`;
  }
  return undefined;
}

/** For example `401 authentication_error: invalid x-api-key`. */
function describe(error: ErrorReply): string {
  const { status } = error;
  const { type, message } = errorOf(error);
  const kind = type === '' ? `${status}` : `${status} ${type}`;
  return message === '' ? kind : `${kind}: ${message}`;
}
