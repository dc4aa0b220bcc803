import type { ApprovalGate } from '@agentteam/api';
import { DELIVER_EVENT, gateStep, OUTPUTS, SPAWN_PREFIX } from '@agentteam/contract';
import type { ResolvedTeam } from '../resolve/resolve.ts';
import { predecessors } from './predecessors.ts';
import type { GateStep } from './step.ts';

export function gateTaskName(gate: ApprovalGate): string {
  return gateStep(gate.event);
}

/** The condition of whatever stands behind a gate. */
export function approved(gate: ApprovalGate): string {
  return `{{tasks.${gateTaskName(gate)}.outputs.parameters.${OUTPUTS.decision}}} == approve`;
}

/** @param deliverDepends what the delivery would wait for if it had no gate. */
export function planGate(
  team: ResolvedTeam,
  gate: ApprovalGate,
  deliverDepends: string,
): GateStep | undefined {
  const mate = team.teammates.find(({ name }) => gate.event === `${SPAWN_PREFIX}${name}`);
  if (mate === undefined && gate.event !== DELIVER_EVENT) return undefined;
  const depends = mate === undefined ? deliverDepends : predecessors(mate);
  return {
    kind: 'gate',
    task: { name: gateTaskName(gate), ...(depends !== undefined && { depends }) },
    template: `approve-${gate.event}`,
    event: gate.event,
    ...(team.approvalTimeoutSeconds !== undefined && {
      timeoutSeconds: team.approvalTimeoutSeconds,
    }),
  };
}
