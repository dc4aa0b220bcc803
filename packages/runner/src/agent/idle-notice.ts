import { type AgentSpec, LEAD } from '@agentteam/contract';
import { formatProtocolMail, sendMail } from '@agentteam/volume';
import type { Places } from './places.ts';

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
  });
  await sendMail(places.native, LEAD, { from: spec.name, text });
}
