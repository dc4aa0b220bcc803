import { ARGO_MESSAGES, type DAGTask, type NodeStatus } from '@agentteam/argo';
import { holds, parseDepends, tasksIn } from '../dag/depends.ts';
import { secondsOf } from '../dag/duration.ts';
import { resolveWhen, whenHolds } from '../dag/when.ts';
import { closeGate } from '../gate-answers.ts';
import { isFinal } from '../nodes.ts';
import { substitute } from '../substitute.ts';
import type { Curfew } from './curfew.ts';
import { dagPhase } from './dag-phase.ts';
import { taskScope } from './scope.ts';
import type { RunState } from './state.ts';
import type { Steps } from './steps.ts';

interface RunningDag {
  /** Of its node. */
  readonly name: string;
  readonly tasks: readonly DAGTask[];
  readonly state: RunState;
  readonly steps: Steps;
  readonly curfew: Curfew | undefined;
}

/** For how many milliseconds a run has gone on since then. */
type ElapsedSince = (begun: number) => number;

/**
 * Takes a DAG forward: starts what may start, leaves out what cannot, and ends the DAG when all its
 * tasks have ended.
 * @returns whether anything changed.
 */
export function advanceDag(
  state: RunState,
  steps: Steps,
  dag: {
    /** Of its node. */
    readonly name: string;
    readonly templateName: string;
    /** A shutdown is not about what runs at the exit. */
    readonly isExit: boolean;
  },
  curfew: Curfew | undefined,
  elapsedSince: ElapsedSince,
): boolean {
  const { name, templateName, isExit } = dag;
  const template = state.template(templateName).dag;
  const tasks = template?.tasks ?? [];
  if (state.node(name) === undefined) {
    state.addNode(name, { displayName: name, type: 'DAG', phase: 'Running', templateName });
  }
  const running: RunningDag = { name, tasks, state, steps, curfew };
  let changed = false;
  for (const task of tasks) {
    const node = state.node(`${name}.${task.name}`);
    if (isFinal(node)) continue;
    if (node === undefined) changed = begin(running, task) || changed;
    else if (node.type === 'Suspend') changed = expire(state, node, elapsedSince) || changed;
    else steps.resume(node);
  }
  const nodeOf = (task: string): NodeStatus | undefined => state.node(`${name}.${task}`);
  if (!tasks.every((task) => isFinal(nodeOf(task.name)))) return changed;
  const shutdown = state.workflow.spec.shutdown !== undefined && !isExit;
  state.endNode(name, shutdown ? 'Failed' : dagPhase({ ...template, tasks }, nodeOf));
  return true;
}

function begin({ name: dag, tasks, state, steps, curfew }: RunningDag, task: DAGTask): boolean {
  const nodeOf = (name: string): NodeStatus | undefined => state.node(`${dag}.${name}`);
  const depends = task.depends === undefined ? undefined : parseDepends(task.depends);
  const before = (depends === undefined ? [] : tasksIn(depends)).map(nodeOf);
  if (!before.every(isFinal)) return false;

  const name = `${dag}.${task.name}`;
  const parents = before.length === 0 ? [dag] : before.flatMap((node) => lastNode(state, node));
  const boundaryID = state.node(dag)?.id ?? '';
  const common = { displayName: task.name, templateName: task.template ?? '', boundaryID };
  const leaveOut = (phase: 'Omitted' | 'Skipped' | 'Error', message: string): boolean => {
    state.addNode(name, { ...common, type: 'Skipped', phase, message }, parents);
    state.emit({ type: 'step-ended', step: task.name, phase, message });
    return true;
  };
  if (depends !== undefined && !holds(depends, (other) => nodeOf(other)?.phase ?? '')) {
    return leaveOut('Omitted', ARGO_MESSAGES.omitted);
  }
  const templateOf = (other: string): string | undefined =>
    tasks.find((candidate) => candidate.name === other)?.template;
  const scope = taskScope(state, nodeOf, templateOf);
  const when = task.when === undefined ? undefined : resolveWhen(task.when, scope);
  const condition = when === undefined ? true : evaluated(when);
  // A value that nobody could know beforehand, and that the condition cannot be read with.
  if (condition instanceof SyntaxError) return leaveOut('Error', condition.message);
  if (!condition) return leaveOut('Skipped', ARGO_MESSAGES.skipped(when ?? ''));
  const inputs = inputsOf(state, task, scope);
  steps.begin({ name, ...common, parents, ...(inputs && { inputs }) }, curfew);
  return true;
}

function evaluated(when: string): boolean | SyntaxError {
  try {
    return whenHolds(when);
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}

function inputsOf(
  state: RunState,
  task: DAGTask,
  scope: (name: string) => string | undefined,
): NodeStatus['inputs'] | undefined {
  const given = (task.arguments?.parameters ?? []).map((parameter) => ({
    ...parameter,
    value: substitute(parameter.value ?? '', scope),
  }));
  const parameters = (state.template(task.template ?? '').inputs?.parameters ?? []).map(
    (parameter) => {
      const argument = given.find((candidate) => candidate.name === parameter.name);
      const value = argument?.value ?? parameter.value ?? parameter.default;
      return { ...parameter, ...(value !== undefined && { value }) };
    },
  );
  return parameters.length === 0 ? undefined : { parameters };
}

/** The node that what follows a task hangs on: of a retried one its last attempt (getOutboundNodes). */
function lastNode(state: RunState, node: NodeStatus | undefined): readonly string[] {
  const last = node?.type === 'Retry' ? state.nodes[node.children?.at(-1) ?? ''] : node;
  return last === undefined ? [] : [last.name];
}

/** A suspension with a duration ends by itself, with its outputs' defaults. */
function expire(state: RunState, node: NodeStatus, elapsedSince: ElapsedSince): boolean {
  const duration = state.template(node.templateName ?? '').suspend?.duration;
  if (duration === undefined) return false;
  if (elapsedSince(Date.parse(node.startedAt ?? '')) < secondsOf(duration) * 1000) return false;
  const parameters = (node.outputs?.parameters ?? []).map(({ valueFrom, ...parameter }) => ({
    ...parameter,
    value: valueFrom?.default ?? '',
  }));
  const step = node.displayName ?? '';
  if (!closeGate(state.directory, step, 'nobody answered in time, which ended the gate'))
    return false;
  state.setNode(node.name, { phase: 'Succeeded', outputs: { parameters } });
  state.emit({ type: 'gate-decided', step, decision: 'timeout' });
  return true;
}
