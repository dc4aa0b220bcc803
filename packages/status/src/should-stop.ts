import { EXIT, exitCodeOf, hasLeadFailed } from '@agentteam/contract';
import { failedNodesOf, isGateOpen, stepsOf } from './nodes.ts';
import type { WorkflowView } from './workflow-view.ts';

/**
 * Whether a running Workflow waits only for approvals although its budget is spent or its lead has failed.
 * Argo would keep its gates open until the deadline, so the controller or the CLI must stop the Workflow.
 */
export function shouldStop(workflow: WorkflowView): boolean {
  if (workflow.status?.phase !== 'Running') return false;
  const steps = stepsOf(workflow);
  const failedNodes = failedNodesOf(steps);
  const unfinished = [...steps.values()].filter(
    ({ node }) => node.phase === 'Running' || node.phase === 'Pending' || node.phase === undefined,
  );
  return (
    (hasLeadFailed(failedNodes) || failedNodes.some((node) => exitCodeOf(node) === EXIT.budget)) &&
    unfinished.length > 0 &&
    unfinished.every(isGateOpen)
  );
}
