import { type NodeStatus, readContainerExit } from '@agentteam/argo';
import {
  eventOfGateStep,
  exitCodeOf,
  type FailedNode,
  isGateStep,
  OBJECT_NAME,
} from '@agentteam/contract';
import { readNodes } from './read-nodes.ts';
import type { WorkflowView } from './workflow-view.ts';

/** A step of the team, as its Workflow shows it. */
export interface Step {
  /** Argo's display name: the task's name in the DAG. */
  readonly name: string;
  /** The step's node. With a retry strategy it is the `Retry` node, which covers all attempts. */
  readonly node: NodeStatus;
  /** The nodes of the step's pods, in the order of the attempts. Empty where it never had a pod. */
  readonly attempts: readonly NodeStatus[];
}

export type Steps = ReadonlyMap<string, Step>;

/** The steps that have a node, by name. Argo creates a step's node when it first considers the step. */
export function stepsOf(workflow: WorkflowView): Steps {
  const nodes = Object.values(readNodes(workflow.status?.nodes));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const attemptIds = new Set(
    nodes.filter(({ type }) => type === 'Retry').flatMap(({ children }) => children ?? []),
  );
  return new Map(
    nodes
      .filter(({ id, type }) => type !== 'DAG' && !attemptIds.has(id))
      .map((node) => {
        const name = node.displayName ?? node.name;
        const pods = node.type === 'Retry' ? (node.children ?? []) : [node.id];
        const attempts = pods
          .flatMap((id) => byId.get(id) ?? [])
          .filter(({ type }) => type === 'Pod');
        return [name, { name, node, attempts }];
      }),
  );
}

/** The value of a step's output parameter; undefined where it is empty, as an unused default is. */
export function outputOf(step: Step | undefined, name: string): string | undefined {
  const nodes = step === undefined ? [] : [step.node, ...step.attempts.toReversed()];
  const values = nodes.flatMap(({ outputs }) => outputs?.parameters ?? []);
  const value = values.find((parameter) => parameter.name === name && parameter.value)?.value;
  return value === undefined ? undefined : String(value);
}

/** The failed nodes of steps and of their attempts. */
export function failedNodesOf(steps: Steps): readonly FailedNode[] {
  return [...steps.values()]
    .flatMap(({ node, attempts }) => [node, ...attempts])
    .filter(isFailed)
    .map(toFailedNode);
}

function toFailedNode({ displayName, message, outputs }: NodeStatus): FailedNode {
  return {
    ...(displayName !== undefined && { displayName }),
    ...(message !== undefined && { message }),
    ...(outputs?.exitCode !== undefined && { exitCode: Number(outputs.exitCode) }),
  };
}

/** The exit code of a step's last attempt. */
export function lastExitCode(step: Step): number | undefined {
  const last = step.attempts.at(-1);
  return last === undefined ? undefined : exitCodeOf(toFailedNode(last));
}

/** The termination message that the runner wrote in a step's last attempt. */
export function terminationMessage(step: Step): string | undefined {
  return readContainerExit(step.attempts.at(-1)?.message ?? '')?.message;
}

export function isFailed(node: NodeStatus): boolean {
  return node.phase === 'Failed' || node.phase === 'Error';
}

export function isGateOpen(step: Step): boolean {
  return step.node.type === 'Suspend' && step.node.phase === 'Running';
}

/** The gates that are waiting for an answer, in the order of the Workflow's nodes. */
export function openGatesIn(steps: Steps): readonly Step[] {
  return [...steps.values()].filter((step) => isGateStep(step.name) && isGateOpen(step));
}

/** The event of a gate's step. */
export function eventOf(gate: Step): string {
  return eventOfGateStep(gate.name);
}

/**
 * The name of an attempt's pod in Argo's form: Workflow, template, and the hash at the end of the node's id.
 * The embedded engine's nodes have the same ids.
 * @returns undefined where the result is no valid name, because the node was not written by Argo.
 */
export function podNameOf(workflow: WorkflowView, attempt: NodeStatus): string | undefined {
  const hash = attempt.id.slice(attempt.id.lastIndexOf('-') + 1);
  const name = [workflow.metadata.name, attempt.templateName, hash].join('-');
  return OBJECT_NAME.test(name) ? name : undefined;
}
