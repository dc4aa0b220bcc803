import { OUTPUTS } from '@agentteam/contract';
import type { ResolvedGate } from '../resolve/agents.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { GateStep, Task } from './step.ts';

/** No known text has this SHA-256. */
const NO_HASH = '0'.repeat(64);

/**
 * Puts a task behind its gate, where it has one: the task then waits for the gate and runs if it was
 * approved, and the gate waits for what the task would have waited for.
 */
export function behindGate(
  gate: ResolvedGate | undefined,
  depends: string | undefined,
  options: ResolvedOptions,
): Pick<Task, 'depends' | 'when'> {
  if (gate === undefined) return depends === undefined ? {} : { depends };
  return { depends: gate.step, when: approvedCondition(gate, options) };
}

/**
 * The condition of the step behind a gate. For a restricted gate, the decision in its outputs proves
 * nothing: anyone who may write WorkflowTaskResults or resume the Workflow can put one there. The condition
 * therefore compares the hash of a proof that only the controller has. It is a single expression rather than
 * text with a value pasted into it, so that no value can become part of the expression. A missing output
 * counts as empty, because Argo would otherwise wait for it until the deadline.
 * Source: resolveDependencyReferences and expressionReplaceStrict, Argo Workflows 4.1.2.
 */
function approvedCondition(
  { event, step, isRestricted }: ResolvedGate,
  { controller: { proofHashes = {} } }: ResolvedOptions,
): string {
  if (!isRestricted) return `{{tasks.${step}.outputs.parameters.${OUTPUTS.decision}}} == approve`;
  const proof = `tasks['${step}']?.outputs?.parameters?.${OUTPUTS.proof} ?? ''`;
  return `{{=sprig.sha256sum(${proof}) == '${proofHashes[event] ?? NO_HASH}'}}`;
}

/** @param depends what the step behind the gate would wait for without the gate. */
export function planGate(gate: ResolvedGate, depends: string | undefined): GateStep {
  return {
    kind: 'gate',
    task: { name: gate.step, ...(depends !== undefined && { depends }) },
    gate,
  };
}
