import type { Reply } from '@agentteam/rehearsal';
import type { Heard } from '@agentteam/volume';
import type { Recorded } from './recorded-reply.ts';

/*
 * Mail and the ends of teammates wake an agent. Two of them can wake it once in the recorded run and twice in
 * the replay, or the other way round, depending on which agent was faster.
 */

/** Whether the agent is idle after a reply. */
export function endsTurn(reply: Reply): boolean {
  return reply.kind === 'model' && reply.content.every(({ type }) => type === 'text');
}

/**
 * Skips replies that only end a turn, if the agent has already heard the news that woke it in the recorded run:
 * nothing would wake it again.
 * @param index of the reply that is due.
 * @returns the index of the reply to give.
 */
export function skipIdleReplies(
  recorded: readonly Recorded[],
  index: number,
  heard: Heard,
): number {
  const [due, next] = [recorded[index], recorded[index + 1]];
  if (due === undefined || next === undefined || !endsTurn(due.reply)) return index;
  const [before, after] = [due.meta.request.trace?.heard, next.meta.request.trace?.heard];
  if (before === undefined || after === undefined) return index;
  const isNews = !hasHeard(before, after);
  return isNews && hasHeard(heard, after) ? skipIdleReplies(recorded, index + 1, heard) : index;
}

/** Whether a reply belongs after the news that all teammates have ended, which the agent has not heard yet. */
export function isTooEarly({ meta }: Recorded, heard: Heard): boolean {
  return (meta.request.trace?.heard?.ended ?? 0) > heard.ended;
}

/** Whether an agent that has heard one thing has heard everything of another. */
function hasHeard(all: Heard, part: Heard): boolean {
  const mail = Object.entries(part.mail).every(([from, count]) => (all.mail[from] ?? 0) >= count);
  return mail && all.ended >= part.ended;
}
