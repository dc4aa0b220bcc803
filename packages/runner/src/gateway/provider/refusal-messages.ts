import { LEAD, PROVIDER_REASONS, type ProviderReason, utcTime } from '@agentteam/contract';
import { type ApiCredential, ONLY } from '../credentials.ts';
import { connectionCode } from '../forward.ts';
import { ProxyError } from '../upstream/tunnel.ts';
import { type ErrorReply, errorOf } from './classify.ts';

/** Facts that the messages mention, so that their readers know what to change. */
export interface MessageContext {
  readonly agent: string;
  /** As the team's spec has it. */
  readonly model: string;
  /** Whether the credential comes from this machine instead of a cluster's Secret. */
  readonly isLocal: boolean;
}

export function credentialRefused(
  error: ErrorReply,
  used: ApiCredential,
  { isLocal }: Pick<MessageContext, 'isLocal'>,
): string {
  const missing = used.key === undefined ? '; none is set' : '';
  const problem = used.problem === undefined ? '' : `, and ${used.problem}`;
  return `the API refused ${named(used)} (${describe(error)})${missing}${problem}: ${remedyFor(used, isLocal)}`;
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
  { agent, model }: MessageContext,
): string {
  const field = agent === LEAD ? 'spec.lead.model' : `the model of ${agent}`;
  return `the API does not offer the model ${JSON.stringify(model)} to ${used.name === ONLY ? 'this credential' : named(used)} (${describe(error)}): correct ${field}, and start the team again`;
}

export function invalidRequest(
  error: ErrorReply,
  _used: ApiCredential,
  { agent }: MessageContext,
): string {
  return `the API refused a request of ${agent} as invalid (${describe(error)}): correct the part of the team's spec that caused it, and start the team again`;
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
function describe({ status, body }: ErrorReply): string {
  const { type, message } = errorOf(body);
  const kind = type === '' ? `${status}` : `${status} ${type}`;
  return message === '' ? kind : `${kind}: ${message}`;
}
