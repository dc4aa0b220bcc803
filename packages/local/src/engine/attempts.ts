import { ARGO_MESSAGES, type NodeStatus, stepNameOf } from '@agentteam/argo';
import type { RunState } from './state.ts';

/** The attempts at a step with a retry strategy, first to last. */
export function attemptsOf(state: RunState, step: NodeStatus): readonly NodeStatus[] {
  return (step.children ?? []).flatMap((id) => {
    const node = state.nodes[id];
    return node?.name.startsWith(`${step.name}(`) ? [node] : [];
  });
}

/** Number of the attempt that a node represents, from 0; 0 for a step without a retry strategy. */
export function attemptNumber(node: NodeStatus): number {
  return Number(/\((\d+)\)$/.exec(node.name)?.[1] ?? 0);
}

/** Adds the node of a step's next pod. Without a retry strategy, that is the step's own node. */
export function addAttempt(state: RunState, step: NodeStatus): NodeStatus {
  if (step.type !== 'Retry') return step;
  const number = attemptsOf(state, step).length;
  const { displayName, templateName = '', boundaryID, inputs } = step;
  return state.addNode(
    `${step.name}(${number})`,
    {
      displayName: `${displayName}(${number})`,
      type: 'Pod',
      phase: 'Pending',
      templateName,
      nodeFlag: { retried: true },
      ...(boundaryID !== undefined && { boundaryID }),
      ...(inputs !== undefined && { inputs }),
    },
    [step.name],
  );
}

/** The step that a node is an attempt of; undefined for a step without a retry strategy. */
export function retriedStepOf(state: RunState, attempt: NodeStatus): NodeStatus | undefined {
  const step = state.node(stepNameOf(attempt.name));
  return step?.type === 'Retry' ? step : undefined;
}

/**
 * Whether the pause before the next attempt is still running, which the step's message shows.
 * @param pause in seconds.
 */
export function isInBackoff(
  state: RunState,
  step: NodeStatus,
  { finishedAt }: NodeStatus,
  pause: number,
): boolean {
  const message = ARGO_MESSAGES.backoff(pause);
  const isInBackoff = Date.now() < Date.parse(finishedAt ?? '') + pause * 1000;
  if (isInBackoff && step.message !== message) state.setNode(step.name, { message });
  if (!isInBackoff && step.message === message) state.setNode(step.name, { message: '' });
  return isInBackoff;
}
