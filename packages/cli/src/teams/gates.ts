import type { AgentTeam } from '@agentteam/api';
import { Failure } from '../failure.ts';

export const GATE_ANSWERS = ['ask', 'approve', 'wait'] as const;

/**
 * How a run answers the gates that open: `ask` on this terminal, `approve` immediately, or `wait` for an
 * answer from another process.
 */
export type GateAnswer = (typeof GATE_ANSWERS)[number];

/** @throws Failure when the team has no gate for the event. */
export function checkEvent(name: string, { spec }: AgentTeam, event: string): void {
  const events = (spec.lifecycle.approvalGates ?? []).map((gate) => gate.event);
  if (events.includes(event)) return;
  throw new Failure(`${name} has no gate ${event}`, {
    hint: events.length === 0 ? 'The team has no gates.' : `Its gates: ${events.join(', ')}`,
  });
}
