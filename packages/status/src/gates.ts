import type { NodeStatus } from '@agentteam/argo';
import { type Decision, gateOutputs, OUTPUTS, wholeSeconds } from '@agentteam/contract';
import { openGatesIn, outputOf, type Step, stepsOf } from './nodes.ts';
import type { WorkflowView } from './workflow-view.ts';

/** A person's answer to a gate. */
export interface Answer {
  readonly decision: Decision;
  readonly by: string;
  readonly reason?: string;
}

/** The gates that are waiting for an answer, in the order of the Workflow's nodes. */
export function openGates(workflow: WorkflowView): readonly Step[] {
  return openGatesIn(stepsOf(workflow));
}

/**
 * Whether a gate ended because its time limit expired. Argo leaves the node as after a plain resume, with
 * every output at its default, so only the time that the gate was open tells the two apart.
 */
export function isUnanswered(workflow: WorkflowView | undefined, gate: Step): boolean {
  const { phase, templateName } = gate.node;
  const template = workflow?.spec.templates?.find(({ name }) => name === templateName);
  const seconds = /^(\d+)s$/.exec(template?.suspend?.duration ?? '')?.[1];
  if (seconds === undefined || phase !== 'Succeeded') return false;
  if (outputOf(gate, OUTPUTS.decidedBy) !== undefined || resumedBy(gate) !== undefined)
    return false;
  if (outputOf(gate, OUTPUTS.decision) !== 'reject') return false;
  return isPastLimit(gate, Number(seconds));
}

/** Whether a gate that has ended was open for its whole time limit. */
export function isPastLimit({ node }: Step, seconds: number | undefined): boolean {
  const { startedAt, finishedAt } = node;
  if (seconds === undefined || !startedAt || !finishedAt) return false;
  return Date.parse(finishedAt) - Date.parse(startedAt) >= seconds * 1000;
}

/** Who pressed Resume, from the message that Argo's server writes: `Resumed by: map[Email:… …]`. */
export function resumedBy(gate: Step): string | undefined {
  const user = /Resumed by: map\[(.*)\]/.exec(gate.node.message ?? '')?.[1];
  if (user === undefined) return undefined;
  return /(?:Email|User|PreferredUsername):(\S+)/.exec(user)?.[1] ?? user;
}

/**
 * A gate's node after an answer, in the form that Argo's own `node set` and `resume` give it: an output that
 * was supplied has a value and no `valueFrom`. The earlier outputs are dropped, because anyone could have
 * written them.
 * @param at time of the decision, ISO 8601.
 * @param proof what opens a restricted gate.
 */
export function answered(gate: NodeStatus, answer: Answer, at: string, proof?: string): NodeStatus {
  const outputs = Object.entries(gateOutputs({ ...answer, proof }));
  const parameters = outputs.map(([name, value]) => ({ name, value }));
  return {
    ...gate,
    phase: 'Succeeded',
    finishedAt: wholeSeconds(at),
    outputs: { ...gate.outputs, parameters },
  };
}
