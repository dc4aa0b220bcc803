import { PROVIDER_REASONS, type ProviderReason, utcTime } from '@agentteam/contract';
import type { CredentialName } from '../credentials.ts';
import { type ErrorReply, errorOf } from './classify.ts';

/** What messages name, so that the person who reads them knows what to change. */
export interface Named {
  readonly agent: string;
  /** As the team file has it. */
  readonly model: string;
  /** The Secret of `auth`; absent where the team names none. */
  readonly secret: string | undefined;
  /** Whether the credential comes from this machine instead of a cluster's Secret. */
  readonly isLocal: boolean;
}

/** @param credential what the Secret holds; undefined: nothing that the API takes. */
export function credentialRefused(
  error: ErrorReply,
  credential: CredentialName | undefined,
  { secret, isLocal }: Named,
): string {
  const what = `the API refused the credential (${describe(error)})`;
  const name = credential ?? 'ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN';
  const missing = credential === undefined ? '; none is set' : '';
  if (isLocal || secret === undefined) {
    const file = secret === undefined ? '' : ` (or the file given as --secret ${secret}=FILE)`;
    return `${what}${missing}: set the environment variable ${name}${file} to a valid one, then use agentteam retry`;
  }
  return `${what}${missing}: put a valid one into the Secret ${secret} under the key ${name}, then use agentteam retry`;
}

export function unknownModel(error: ErrorReply, { agent, model }: Named): string {
  const field = agent === 'team-lead' ? 'spec.lead.model' : `the model of ${agent}`;
  return `the API does not offer the model ${JSON.stringify(model)} to this credential (${describe(error)}): correct ${field} in the team, and start the team again`;
}

export function invalidRequest(error: ErrorReply, { agent }: Named): string {
  return `the API refused a request of ${agent} as invalid (${describe(error)}): sending it again would not help; correct what the message names in the team, and start the team again`;
}

/** Of a limit, where the team does not wait. @param forMs for how long it holds, where that is known. */
export function limitReached(
  error: ErrorReply,
  reason: ProviderReason,
  forMs: number | undefined,
): string {
  const until = forMs === undefined ? '' : utcTime(new Date(Date.now() + forMs).toISOString());
  const end = until === '' ? '' : `, until ${until}`;
  const remedy =
    reason === 'no-credit'
      ? 'add credit to the account, then use agentteam retry'
      : `use agentteam retry${until === '' ? ' later' : ' after that'}`;
  return `the API turned the agent away: ${PROVIDER_REASONS[reason]}${end} (${describe(error)}); ${remedy}. It did not wait, because lifecycle.onProviderLimit is fail`;
}

/** `401 authentication_error: invalid x-api-key` */
function describe({ status, body }: ErrorReply): string {
  const { type, message } = errorOf(body);
  const kind = type === '' ? `${status}` : `${status} ${type}`;
  return message === '' ? kind : `${kind}: ${message}`;
}
