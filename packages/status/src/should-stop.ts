import { EXIT } from '@agentteam/contract';
import { exitCodeOf, isFailed, isGateOpen, leadFailure, stepsOf } from './nodes.ts';
import type { SeenWorkflow } from './seen-workflow.ts';

/**
 * Whether a running Workflow waits for nothing but people although its budget is spent, or its lead
 * has failed. Argo would hold its gates open until the deadline; whoever watches the team must stop
 * the Workflow instead.
 */
export function shouldStop(workflow: SeenWorkflow): boolean {
  if (workflow.status?.phase !== 'Running') return false;
  const byName = stepsOf(workflow);
  const steps = [...byName.values()];
  const unfinished = steps.filter(
    ({ node }) => node.phase === 'Running' || node.phase === 'Pending' || node.phase === undefined,
  );
  return (
    (leadFailure(byName) !== undefined ||
      steps.some((step) => isFailed(step.node) && exitCodeOf(step) === EXIT.budget)) &&
    unfinished.length > 0 &&
    unfinished.every(isGateOpen)
  );
}
