import { type AgentSpec, LEAD } from '@agentteam/contract';
import { cutText, formatProtocolMail, LIMITS, sendMail } from '@agentteam/volume';
import type { Places } from './places.ts';
import { goOnWithout } from './team-files.ts';

/** A mail is cut at its own limit, and half of a notice is no JSON: quotes and line ends count twice. */
const RESULT_LENGTH = LIMITS.mailCharacters / 4;

/** Tells the lead how a turn has ended, as a native member does by itself in a process it shares. */
export async function sendIdle(
  { spec, places }: { readonly spec: AgentSpec; readonly places: Places },
  words: { idleReason: 'available' | 'failed'; result?: string; failureReason?: string },
): Promise<void> {
  const timestamp = new Date().toISOString();
  const text = formatProtocolMail({
    type: 'idle_notification',
    from: spec.name,
    timestamp,
    ...words,
    ...(words.result === undefined ? {} : { result: cutText(words.result, RESULT_LENGTH) }),
  });
  await sendMail(places.native, LEAD, { from: spec.name, text }).catch(goOnWithout);
}
