import {
  BASE_URLS,
  type CloudProvider,
  LEAD,
  modelAt,
  PROVIDER_NAMES,
  PROVIDER_REASONS,
  type ProviderReason,
  type ProviderRef,
  plainText,
  shownName,
  utcTime,
  type WorkloadIdentity,
} from '@agentteam/contract';
import { type ApiCredential, ONLY } from '../credentials.ts';
import { connectionCode } from '../forward.ts';
import { ProxyError } from '../upstream/tunnel.ts';
import { type ErrorReply, errorOf } from './error-of.ts';
import { isPage } from './hidden-fault.ts';

/** Facts that the messages mention, so that their readers know what to change. */
export interface MessageContext {
  readonly agent: string;
  /** As the team's spec has it. */
  readonly model: string;
  /** Whether the credential comes from this machine instead of a cluster's Secret. */
  readonly isLocal: boolean;
  /** The Secret of `auth`; absent when the team names none, or several. */
  readonly secret: string | undefined;
  /** Absent: Anthropic. */
  readonly provider: ProviderRef | undefined;
  /** The identity of the pod's service account, which takes the place of a Secret. */
  readonly identity: WorkloadIdentity | undefined;
}

/** The keys that a Secret can have for a cloud. */
const KEYS: Readonly<Record<CloudProvider, string>> = {
  bedrock: 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_BEARER_TOKEN_BEDROCK',
  vertex: 'GOOGLE_APPLICATION_CREDENTIALS',
  foundry: 'ANTHROPIC_FOUNDRY_API_KEY, or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET',
};

export function credentialRefused(
  error: ErrorReply,
  used: ApiCredential,
  { isLocal }: Pick<MessageContext, 'isLocal'>,
): string {
  const missing = used.key === undefined ? '; none is set' : '';
  const problem = used.problem === undefined ? '' : `, and ${used.problem}`;
  return `the API refused ${named(used)} (${describe(error)})${missing}${problem}: ${remedyFor(used, isLocal)}`;
}

/** For the credential of a cloud. */
export function cloudCredentialRefused(error: ErrorReply, context: MessageContext): string {
  return `${nameOf(context)} refused the credential (${describe(error)}): ${renew(context)}`;
}

/** For a credential that cannot even be sent. @param problem what is wrong with it. */
export function credentialUnusable(problem: string, context: MessageContext): string {
  return `${problem}: ${renew(context)}`;
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

/** For a valid credential that may not be used here. A new one would be refused as well. */
export function notAllowed(
  error: ErrorReply,
  by: 'region' | 'policy',
  context: Pick<MessageContext, 'provider'>,
): string {
  const [problem, remedy] =
    by === 'region'
      ? [
          'does not serve the country or region that the requests come from',
          'run the team where the provider offers its models',
        ]
      : [
          "refused the request because of a policy of the credential's organization",
          'ask an administrator of that organization to allow it',
        ];
  return `${nameOf(context)} ${problem} (${describe(error)}): ${remedy}, then run agentteam retry. Another value of the credential does not help`;
}

/** For a region whose list of models does not have the agent's. */
export function missingModel(context: MessageContext): string {
  const { provider, model, agent } = context;
  const id = provider === undefined ? model : modelAt(provider, model);
  const field = agent === LEAD ? 'spec.lead.model' : `the model of ${agent}`;
  return `${nameOf(context)} does not offer the model ${JSON.stringify(id)}${regionOf(provider)}: correct ${field}, auth.models or auth.region, then run agentteam retry -f with the corrected file`;
}

function nameOf({ provider }: Pick<MessageContext, 'provider'>): string {
  return provider === undefined ? 'the API' : PROVIDER_NAMES[provider.name];
}

function regionOf(provider: ProviderRef | undefined): string {
  return provider?.region === undefined ? '' : ` in ${provider.region}`;
}

/** What to do about a credential for a cloud. */
function renew({ secret, isLocal, provider, identity }: MessageContext): string {
  if (identity !== undefined) {
    return 'correct auth.workloadIdentity, or what the provider allows this identity, then run agentteam retry';
  }
  const keys = provider === undefined ? 'of the credential' : KEYS[provider.name];
  if (isLocal || secret === undefined) {
    const file = secret === undefined ? '' : ` (or the file of --secret ${secret}=FILE)`;
    return `set ${keys} in your environment${file} to a valid credential, then run agentteam retry`;
  }
  return `put a valid credential into the keys ${keys} of the Secret ${secret}, then run agentteam retry`;
}

/** For a Secret in `auth.credentials` that has no credential. */
export function credentialMissing(
  credential: ApiCredential,
  { isLocal }: Pick<MessageContext, 'isLocal'>,
): string {
  return `there is no value for ${named(credential)}: ${remedyFor(credential, isLocal)}`;
}

function named({ name }: ApiCredential): string {
  return name === ONLY ? 'the credential' : `the credential ${name} of auth.credentials`;
}

function remedyFor(
  { key, keys, secret, name: of, problem }: ApiCredential,
  isLocal: boolean,
): string {
  const name = key ?? keys.join(' or ');
  if (problem !== undefined) {
    const where = isLocal ? `the file of --secret ${secret}=FILE` : `the Secret ${secret}`;
    return `log in again, put the new tokens into ${where}, then run agentteam retry`;
  }
  if (isLocal && of !== ONLY) {
    return `correct ${name} in the file of --secret ${secret}=FILE (or in the environment), then run agentteam retry`;
  }
  if (isLocal || secret === undefined) {
    const file = secret === undefined ? '' : ` (or the file of --secret ${secret}=FILE)`;
    return `set the environment variable ${name}${file} to a valid credential, then run agentteam retry`;
  }
  return `put a valid credential into the key ${name} of the Secret ${secret}, then run agentteam retry`;
}

export function unknownModel(
  error: ErrorReply,
  used: ApiCredential,
  context: MessageContext,
): string {
  const { agent, model } = context;
  const field = agent === LEAD ? 'spec.lead.model' : `the model of ${agent}`;
  return `${nameOf(context)} does not offer the model ${JSON.stringify(model)} to ${used.name === ONLY ? 'this credential' : named(used)} (${describe(error)}): correct ${field}, then run agentteam retry -f with the corrected file`;
}

const MAX_LOCATION = 200;

type AddressContext = Pick<MessageContext, 'isLocal'> & Partial<Pick<MessageContext, 'provider'>>;

/** Where the address of the API can come from. */
export function addressFields({ isLocal, provider }: AddressContext): string {
  const variable = BASE_URLS[provider?.name ?? 'anthropic'];
  return `auth.baseUrl or ${isLocal ? variable : "the chart's teams.apiUrl"}`;
}

/** For an address that serves something other than the API: its answer names no error of an API. */
export function wrongAddress(
  { status, headers, body }: ErrorReply,
  _used: ApiCredential,
  context: MessageContext,
): string {
  const { location } = headers;
  const target = location === undefined ? '' : ` to ${plainText(location, MAX_LOCATION)}`;
  const found = isPage({ headers, body }) ? ', a web page' : ', and no message';
  const what = status < 300 ? found : status < 400 ? `, a redirect${target}` : '';
  const answer = `${status}${what}`;
  return `the address of ${nameOf(context)} does not serve it (${answer}): correct ${addressFields(context)}, then run agentteam retry, with -f for a corrected file`;
}

export function invalidRequest(
  error: ErrorReply,
  _used: ApiCredential,
  context: MessageContext,
): string {
  return `${nameOf(context)} refused a request of ${shownName(context.agent)} as invalid (${describe(error)}): correct the part of the team's spec that caused it, then run agentteam retry -f with the corrected file`;
}

/** For a request that a rehearsal's script or recording has no reply for. */
export function rehearsalMistake(
  error: ErrorReply,
  _used: ApiCredential,
  { agent }: MessageContext,
): string {
  return `the rehearsal has no reply for ${shownName(agent)}: ${errorOf(error).message}`;
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
  return status === 407 || status === 403 ? refusedByProxy(status, isLocal) : undefined;
}

/** For a proxy that answers in place of the API and asks for a login. */
export function proxyRefused(
  { status }: ErrorReply,
  _used: ApiCredential,
  { isLocal }: MessageContext,
): string {
  return refusedByProxy(status, isLocal);
}

function refusedByProxy(status: number, isLocal: boolean): string {
  const remedy = isLocal ? 'correct HTTPS_PROXY' : "correct the chart's proxy settings";
  return `the proxy refuses requests to the API (${status}): ${remedy}, then run agentteam retry`;
}

/** For example `401 authentication_error: invalid x-api-key`. */
function describe(error: ErrorReply): string {
  const { status } = error;
  const { type, message } = errorOf(error);
  const kind = type === '' ? `${status}` : `${status} ${type}`;
  return message === '' ? kind : `${kind}: ${message}`;
}
