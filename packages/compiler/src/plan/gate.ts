import type { ApprovalGate } from '@agentteam/api';
import { DELIVER_EVENT, gateStep, isRestricted, OUTPUTS, SPAWN_PREFIX } from '@agentteam/contract';
import type { ResolvedTeam } from '../resolve/resolve.ts';
import { predecessors } from './predecessors.ts';
import type { GateStep } from './step.ts';

export function gateTaskName(gate: ApprovalGate): string {
  return gateStep(gate.event);
}

/** A hash of which nobody knows what it is the hash of. */
const NEVER = '0'.repeat(64);

/**
 * The condition of the step behind a gate. Where it matters who approves, a decision in the gate's
 * outputs proves nothing: everybody who may write WorkflowTaskResults or resume the Workflow can put
 * one there. So the condition asks for what only the controller can supply, by its hash. It is one
 * expression, and not text with a value pasted into it, so that no value can become part of it. An
 * output that is missing counts as empty: Argo would wait for it until the deadline.
 * Source: resolveDependencyReferences and expressionReplaceStrict, Argo Workflows 4.1.2.
 * @param hashes by event, SHA-256 in hexadecimal. A restricted gate that has none never opens.
 */
export function approved(
  gate: ApprovalGate,
  hashes: Readonly<Record<string, string>> = {},
): string {
  const task = gateTaskName(gate);
  if (!isRestricted(gate)) {
    return `{{tasks.${task}.outputs.parameters.${OUTPUTS.decision}}} == approve`;
  }
  const proof = `tasks['${task}']?.outputs?.parameters?.${OUTPUTS.proof} ?? ''`;
  return `{{=sprig.sha256sum(${proof}) == '${hashes[gate.event] ?? NEVER}'}}`;
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
    restricted: isRestricted(gate),
    ...(team.approvalTimeoutSeconds !== undefined && {
      timeoutSeconds: team.approvalTimeoutSeconds,
    }),
  };
}
