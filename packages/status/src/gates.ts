import type { NodeStatus } from '@agentteam/argo';
import { type Decision, GATE_PREFIX, gateOutputs, OUTPUTS } from '@agentteam/contract';
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
  const { phase, templateName } = gate.node;
  const template = workflow?.spec.templates?.find(({ name }) => name === templateName);
  const seconds = /^(\d+)s$/.exec(template?.suspend?.duration ?? '')?.[1];
  if (seconds === undefined || phase !== 'Succeeded') return false;
  if (outputOf(gate, OUTPUTS.decidedBy) !== undefined || resumedBy(gate) !== undefined)
    return false;
  if (outputOf(gate, OUTPUTS.decision) !== 'reject') return false;
  return isPastLimit(gate, Number(seconds));
}

/** Whether a gate that has ended was open for as long as it may wait. */
export function isPastLimit({ node }: Step, seconds: number | undefined): boolean {
  const { startedAt, finishedAt } = node;
  if (seconds === undefined || !startedAt || !finishedAt) return false;
  return Date.parse(finishedAt) - Date.parse(startedAt) >= seconds * 1000;
}

/** Argo's server writes into a node's message who pressed Resume: `Resumed by: map[Email:… …]`. */
export function resumedBy(gate: Step): string | undefined {
  const user = /Resumed by: map\[(.*)\]/.exec(gate.node.message ?? '')?.[1];
  if (user === undefined) return undefined;
  return /(?:Email|User|PreferredUsername):(\S+)/.exec(user)?.[1] ?? user;
}

/**
 * A gate's node after an answer, as Argo's own `node set` and `resume` leave it: an output that was
 * supplied has a value and no `valueFrom` any more. What the node's outputs were before is no matter:
 * somebody may have written anything there.
 * @param at when it was decided, ISO 8601.
 * @param proof what opens a restricted gate.
 */
export function answered(gate: NodeStatus, answer: Answer, at: string, proof?: string): NodeStatus {
  const outputs = Object.entries(gateOutputs({ ...answer, proof }));
  const parameters = outputs.map(([name, value]) => ({ name, value }));
  return {
    ...gate,
    phase: 'Succeeded',
    // Argo's times have no fractions of a second.
    finishedAt: at.replace(/\.\d+Z$/, 'Z'),
    outputs: { ...gate.outputs, parameters },
  };
}
