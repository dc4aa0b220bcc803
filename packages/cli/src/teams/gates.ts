import type { AgentTeam } from '@agentteam/api';
import { DELIVER_EVENT, delivers } from '@agentteam/contract';
import { Failure } from '../failure.ts';

export const GATE_ANSWERS = ['ask', 'approve', 'wait'] as const;

/**
 * How a run answers the gates that open: `ask` on this terminal, `approve` immediately, or `wait` for an
 * answer from another process.
 */
export type GateAnswer = (typeof GATE_ANSWERS)[number];

/** @throws Failure when the team has no gate for the event, or one that never opens. */
export function checkEvent(name: string, { spec }: AgentTeam, event: string): void {
  const { approvalGates = [], onComplete } = spec.lifecycle;
  const events = approvalGates.map((gate) => gate.event);
  if (events.includes(event)) {
    if (event !== DELIVER_EVENT || delivers(onComplete)) return;
    throw new Failure(`the gate ${event} of ${name} never opens: the team delivers nothing`, {
      hint: 'lifecycle.onComplete decides what is delivered.',
    });
  }
  throw new Failure(`${name} has no gate ${event}`, {
    hint: events.length === 0 ? 'The team has no gates.' : `Its gates: ${events.join(', ')}`,
  });
}
