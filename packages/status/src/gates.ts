import type { NodeStatus } from '@agentteam/argo';
import { type Decision, GATE_PREFIX, OUTPUTS } from '@agentteam/contract';
import { isGateOpen, outputOf, type Step, stepsOf } from './nodes.ts';
import type { SeenWorkflow } from './seen-workflow.ts';

/** What a person decided at a gate. */
export interface Answer {
  readonly decision: Decision;
  readonly by: string;
  readonly reason?: string;
}

/** The gates that wait for an answer, in the order of the Workflow's nodes. */
export function openGates(workflow: SeenWorkflow): readonly Step[] {
  return [...stepsOf(workflow).values()].filter(
    (step) => step.name.startsWith(GATE_PREFIX) && isGateOpen(step),
  );
}

/** The event that a gate's step stands for. */
export function eventOf(gate: Step): string {
  return gate.name.slice(GATE_PREFIX.length);
}

/**
 * Whether a gate was ended by its time limit. Argo leaves the node as a plain resume does, every output
 * at its default: how long the gate was open tells the two apart. Its times are whole seconds.
 */
export function isUnanswered(workflow: SeenWorkflow | undefined, gate: Step): boolean {
  const { phase, templateName, startedAt, finishedAt } = gate.node;
  const template = workflow?.spec.templates?.find(({ name }) => name === templateName);
  const seconds = /^(\d+)s$/.exec(template?.suspend?.duration ?? '')?.[1];
  if (seconds === undefined || phase !== 'Succeeded' || !startedAt || !finishedAt) return false;
  if (outputOf(gate, OUTPUTS.decidedBy) !== undefined || resumedBy(gate) !== undefined)
    return false;
  if (outputOf(gate, OUTPUTS.decision) !== 'reject') return false;
  return Date.parse(finishedAt) - Date.parse(startedAt) >= Number(seconds) * 1000;
}

/** Argo's server writes into a node's message who pressed Resume: `Resumed by: map[Email:… …]`. */
export function resumedBy(gate: Step): string | undefined {
  const user = /Resumed by: map\[(.*)\]/.exec(gate.node.message ?? '')?.[1];
  if (user === undefined) return undefined;
  return /(?:Email|User|PreferredUsername):(\S+)/.exec(user)?.[1] ?? user;
}

/**
 * A gate's node after an answer, as Argo's own `node set` and `resume` leave it: an output that was
 * supplied has a value and no `valueFrom` any more.
 * @param at when it was decided, ISO 8601.
 */
export function answered(gate: NodeStatus, answer: Answer, at: string): NodeStatus {
  const supplied: Readonly<Record<string, string | undefined>> = {
    [OUTPUTS.decision]: answer.decision,
    [OUTPUTS.decidedBy]: answer.by,
    [OUTPUTS.reason]: answer.reason,
  };
  const parameters = (gate.outputs?.parameters ?? []).map(({ valueFrom, ...parameter }) => ({
    ...parameter,
    value: supplied[parameter.name] ?? parameter.value ?? valueFrom?.default ?? '',
  }));
  return {
    ...gate,
    phase: 'Succeeded',
    // Argo's times have no fractions of a second.
    finishedAt: at.replace(/\.\d+Z$/, 'Z'),
    outputs: { ...gate.outputs, parameters },
  };
}
