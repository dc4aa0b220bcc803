import { ARGO_MESSAGES, type DAGTask, type NodeStatus } from '@agentteam/argo';
import { holds, parseDepends, tasksIn } from '../expressions/depends.ts';
import { substitute } from '../expressions/substitute.ts';
import { resolveWhen, whenHolds } from '../expressions/when.ts';
import { isFinal } from '../nodes.ts';
import { dagPhase } from './dag-phase.ts';
import { expireGate } from './gates.ts';
import type { ElapsedSince } from './run-clock.ts';
import { taskScope } from './scope.ts';
import type { Shutdown } from './shutdown.ts';
import type { RunState } from './state.ts';
import type { Steps } from './steps.ts';

interface RunningDag {
  /** Name of its node. */
  readonly name: string;
  readonly tasks: readonly DAGTask[];
  readonly state: RunState;
  readonly steps: Steps;
  readonly shutdown: Shutdown | undefined;
}

/**
 * Starts the tasks that can start, skips those that cannot, and ends the DAG when all tasks have ended.
 * @returns whether anything changed.
 */
export function advanceDag(
  state: RunState,
  steps: Steps,
  dag: {
    /** Name of its node. */
    readonly name: string;
    readonly templateName: string;
    /** The exit handler is not affected by `spec.shutdown`. */
    readonly isExitHandler: boolean;
  },
  shutdown: Shutdown | undefined,
  elapsedSince: ElapsedSince,
): boolean {
  const { name, templateName, isExitHandler } = dag;
  const template = state.template(templateName).dag;
  const tasks = template?.tasks ?? [];
  if (state.node(name) === undefined) {
    state.addNode(name, { displayName: name, type: 'DAG', phase: 'Running', templateName });
  }
  const running: RunningDag = { name, tasks, state, steps, shutdown };
  let changed = false;
  for (const task of tasks) {
    const node = state.node(`${name}.${task.name}`);
    if (isFinal(node)) continue;
    if (node === undefined) changed = begin(running, task) || changed;
    else if (node.type === 'Suspend') changed = expireGate(state, node, elapsedSince) || changed;
    else steps.resume(node);
  }
  const nodeOf = (task: string): NodeStatus | undefined => state.node(`${name}.${task}`);
  if (!tasks.every((task) => isFinal(nodeOf(task.name)))) return changed;
  const wasStopped = state.workflow.spec.shutdown !== undefined && !isExitHandler;
  state.endNode(name, wasStopped ? 'Failed' : dagPhase({ ...template, tasks }, nodeOf));
  return true;
}

/** @returns false while the task waits for others, or the run is suspended. */
function begin({ name: dag, tasks, state, steps, shutdown }: RunningDag, task: DAGTask): boolean {
  if (state.isSuspended) return false;
  const nodeOf = (name: string): NodeStatus | undefined => state.node(`${dag}.${name}`);
  const depends = task.depends === undefined ? undefined : parseDepends(task.depends);
  const before = (depends === undefined ? [] : tasksIn(depends)).map(nodeOf);
  if (!before.every(isFinal)) return false;

  const name = `${dag}.${task.name}`;
  const parents = before.length === 0 ? [dag] : before.flatMap((node) => lastNode(state, node));
  const boundaryID = state.node(dag)?.id ?? '';
  const common = { displayName: task.name, templateName: task.template ?? '', boundaryID };
  const skip = (phase: 'Omitted' | 'Skipped' | 'Error', message: string): boolean => {
    state.addNode(name, { ...common, type: 'Skipped', phase, message }, parents);
    state.emit({ type: 'step-ended', step: task.name, phase, message });
    return true;
  };
  if (depends !== undefined && !holds(depends, (other) => nodeOf(other)?.phase ?? '')) {
    return skip('Omitted', ARGO_MESSAGES.omitted);
  }
  const templateOf = (other: string): string | undefined =>
    tasks.find((candidate) => candidate.name === other)?.template;
  const scope = taskScope(state, nodeOf, templateOf);
  const when = task.when === undefined ? undefined : resolveWhen(task.when, scope);
  const condition = when === undefined ? true : evaluate(when);
  // The values of outputs are known only now, and one of them may not be a single word.
  if (condition instanceof SyntaxError) return skip('Error', condition.message);
  if (!condition) return skip('Skipped', ARGO_MESSAGES.skipped(when ?? ''));
  const inputs = inputsOf(state, task, scope);
  steps.begin({ name, ...common, parents, ...(inputs && { inputs }) }, shutdown);
  return true;
}

function evaluate(when: string): boolean | SyntaxError {
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

/** The node that becomes the parent of the tasks after this one: the last attempt (getOutboundNodes). */
function lastNode(state: RunState, node: NodeStatus | undefined): readonly string[] {
  const last = node?.type === 'Retry' ? state.nodes[node.children?.at(-1) ?? ''] : node;
  return last === undefined ? [] : [last.name];
}
