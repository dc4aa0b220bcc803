import type { AgentTeam } from '@agentteam/api';
import { Failure } from '../failure.ts';

/** @throws Failure for an event that the team has no gate for. */
export function checkEvent(name: string, { spec }: AgentTeam, event: string): void {
  const events = (spec.lifecycle.approvalGates ?? []).map((gate) => gate.event);
  if (events.includes(event)) return;
  throw new Failure(`${name} has no gate ${event}`, {
    wayOut: events.length === 0 ? 'It has none at all.' : `Its gates: ${events.join(', ')}`,
  });
}
