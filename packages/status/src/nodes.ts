import type { NodeStatus } from '@agentteam/argo';
import { OBJECT_NAME, STEPS } from '@agentteam/contract';
import { readNodes } from './read-nodes.ts';
import type { SeenWorkflow } from './seen-workflow.ts';

/** A step of the team, as its Workflow shows it. */
export interface Step {
  /** Argo's display name: the task's name in the DAG. */
  readonly name: string;
  /** The step's node; with a retry strategy the `Retry` node, which speaks for all attempts. */
  readonly node: NodeStatus;
  /** Its pods, in the order of attempts. Empty where it never had one. */
  readonly attempts: readonly NodeStatus[];
}

export type Steps = ReadonlyMap<string, Step>;

/** Every step that has a node, by name. A step that Argo has not looked at yet is not there. */
export function stepsOf(workflow: SeenWorkflow): Steps {
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

/** An output parameter of a step; an empty default counts as none. */
export function outputOf(step: Step | undefined, name: string): string | undefined {
  const nodes = step === undefined ? [] : [step.node, ...step.attempts.toReversed()];
  const values = nodes.flatMap(({ outputs }) => outputs?.parameters ?? []);
  const value = values.find((parameter) => parameter.name === name && parameter.value)?.value;
  return value === undefined ? undefined : String(value);
}

/**
 * The exit code that ended a step's last attempt. Argo's message begins with it whichever container
 * left with it (`main: Error (exit code 77)`, `setup: Error (exit code 68)`), and goes on with the
 * container's own words, which may name any number; `outputs.exitCode` is that of `main` alone.
 */
export function exitCodeOf(step: Step): number | undefined {
  const last = step.attempts.at(-1);
  const code =
    /^[^:]+: \S+ \(exit code (\d+)\)/.exec(last?.message ?? '')?.[1] ?? last?.outputs?.exitCode;
  return code === undefined ? undefined : Number(code);
}

/** What the container that ended a step's last attempt said itself: Argo puts it after the exit code. */
export function ownWordsOf(step: Step): string | undefined {
  return /^[^:]+: \S+ \(exit code \d+\): (.+)/s.exec(step.attempts.at(-1)?.message ?? '')?.[1];
}

/** Argo's words for what `argo stop` or `argo terminate` ended; the pods' own say only that they were killed. */
export const STOPPED: RegExp = /^Stopped with strategy |^workflow shutdown with strategy: /;

/** The lead's step, where it failed of itself: without a lead a team comes to nothing. */
export function leadFailure(steps: Steps): Step | undefined {
  const lead = steps.get(STEPS.lead);
  if (lead === undefined || !isFailed(lead.node)) return undefined;
  const words = [lead.node, ...lead.attempts.slice(-1)].map(({ message = '' }) => message);
  return words.some((message) => STOPPED.test(message)) ? undefined : lead;
}

export function isFailed(node: NodeStatus): boolean {
  return node.phase === 'Failed' || node.phase === 'Error';
}

export function isGateOpen(step: Step): boolean {
  return step.node.type === 'Suspend' && step.node.phase === 'Running';
}

/**
 * The name of an attempt's pod, as Argo makes it: Workflow, template, and the hash that ends the
 * node's id. The embedded engine's nodes have the same ids.
 * @returns undefined where that is no name of a pod: somebody wrote it who is not Argo.
 */
export function podNameOf(workflow: SeenWorkflow, attempt: NodeStatus): string | undefined {
  const hash = attempt.id.slice(attempt.id.lastIndexOf('-') + 1);
  const name = [workflow.metadata.name, attempt.templateName, hash].join('-');
  return OBJECT_NAME.test(name) ? name : undefined;
}
