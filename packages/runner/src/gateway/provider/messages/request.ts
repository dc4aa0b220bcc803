import { PROVIDER_REASONS, type ProviderReason, shownName, utcTime } from '@agentteam/contract';
import type { ApiCredential } from '../../credentials.ts';
import { type ErrorReply, errorOf } from '../error-of.ts';
import { describe, type MessageContext, nameOf } from './parts.ts';

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
