import type { CloudProvider } from '@agentteam/contract';
import { type ApiCredential, ONLY } from '../../credentials.ts';
import type { ErrorReply } from '../error-of.ts';
import { describe, type MessageContext, nameOf } from './parts.ts';

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

/** For a Secret in `auth.credentials` that has no credential. */
export function credentialMissing(
  credential: ApiCredential,
  { isLocal }: Pick<MessageContext, 'isLocal'>,
): string {
  return `there is no value for ${named(credential)}: ${remedyFor(credential, isLocal)}`;
}

export function named({ name }: ApiCredential): string {
  return name === ONLY ? 'the credential' : `the credential ${name} of auth.credentials`;
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
