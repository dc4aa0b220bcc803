import { type AgentSpec, LEAD } from '@agentteam/contract';
import { cutText } from '@agentteam/text';
import { formatProtocolMail, LIMITS, sendMail } from '@agentteam/volume';
import type { Places } from './places.ts';
import { goOnWithout } from './team-files.ts';

/** A mail is cut at its own limit, and half of a notice is no JSON: quotes and line ends count twice. */
const RESULT_LENGTH = LIMITS.mailCharacters / 4;

export interface IdleNotice {
  readonly idleReason: 'available' | 'failed';
  readonly result?: string;
  readonly failureReason?: string;
  /** Whether the lead learns of it only when something else wakes it. */
  readonly quiet?: boolean;
}

/** Tells the lead that an agent is idle or has ended, as a native member does in a process it shares. */
export async function sendIdle(
  { spec, places }: { readonly spec: AgentSpec; readonly places: Places },
  { quiet = false, ...words }: IdleNotice,
): Promise<void> {
  const timestamp = new Date().toISOString();
  const text = formatProtocolMail({
    type: 'idle_notification',
    from: spec.name,
    timestamp,
    ...words,
    ...(quiet && { quiet }),
    ...(words.result === undefined ? {} : { result: cutText(words.result, RESULT_LENGTH) }),
  });
  await sendMail(places.native, LEAD, { from: spec.name, text }).catch(goOnWithout);
}
