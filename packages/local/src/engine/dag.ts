import type { DAGTask, NodeStatus } from '@agentteam/argo';
import { holds, parseDepends, tasksIn } from '../dag/depends.ts';
import { whenHolds } from '../dag/when.ts';
import { MESSAGES } from '../messages.ts';
import { isFinal } from '../nodes.ts';
import { substitute } from '../substitute.ts';
import { taskScope } from './scope.ts';
import type { RunState } from './state.ts';

/** What a DAG does with the steps that are pods. */
export interface Pods {
  /** Starts the pod of a node that was just made. */
  readonly start: (node: NodeStatus) => void;
  /** Makes sure that the pod of an older node runs: an engine before this one may have begun it. */
  readonly resume: (node: NodeStatus) => void;
}

/**
 * Takes a DAG forward: starts what may start, leaves out what cannot, and ends the DAG when all its
 * tasks have ended.
 * @returns whether anything changed.
 */
export function advanceDag(
  state: RunState,
  nodeName: string,
  templateName: string,
  pods: Pods,
): boolean {
  const template = state.template(templateName);
  const tasks = template.dag?.tasks ?? [];
  if (state.node(nodeName) === undefined) {
    state.addNode(nodeName, { displayName: nodeName, type: 'DAG', phase: 'Running', templateName });
  }
  let changed = false;
  for (const task of tasks) {
    const node = state.node(`${nodeName}.${task.name}`);
    if (isFinal(node)) continue;
    if (node === undefined) changed = begin(state, nodeName, task, pods) || changed;
    else if (node.type === 'Suspend') changed = expire(state, node) || changed;
    else pods.resume(node);
  }
  const nodes = tasks.map((task) => state.node(`${nodeName}.${task.name}`));
  if (nodes.every(isFinal)) {
    const failed = nodes.some((node) => node?.phase === 'Failed' || node?.phase === 'Error');
    state.endNode(nodeName, failed ? 'Failed' : 'Succeeded');
    return true;
  }
  return changed;
}

function begin(state: RunState, dag: string, task: DAGTask, pods: Pods): boolean {
  const nodeOf = (name: string) => state.node(`${dag}.${name}`);
  const depends = task.depends === undefined ? undefined : parseDepends(task.depends);
  const before = depends === undefined ? [] : tasksIn(depends);
  if (!before.every((name) => isFinal(nodeOf(name)))) return false;

  const name = `${dag}.${task.name}`;
  const parent = before[0] === undefined ? dag : `${dag}.${before[0]}`;
  const common = { displayName: task.name, boundaryID: state.node(dag)?.id ?? '' };
  if (depends !== undefined && !holds(depends, (other) => nodeOf(other)?.phase ?? '')) {
    state.addNode(
      name,
      { ...common, type: 'Skipped', phase: 'Omitted', message: MESSAGES.omitted },
      parent,
    );
    return true;
  }
  const scope = taskScope(state, nodeOf);
  const when = task.when === undefined ? undefined : substitute(task.when, scope);
  if (when !== undefined && !whenHolds(when)) {
    const message = MESSAGES.skipped(when);
    state.addNode(name, { ...common, type: 'Skipped', phase: 'Skipped', message }, parent);
    state.emit({ type: 'step-ended', step: task.name, phase: 'Skipped', message });
    return true;
  }
  const { template: templateName = '' } = task;
  const template = state.template(templateName);
  const given = (task.arguments?.parameters ?? []).map((parameter) => ({
    ...parameter,
    value: substitute(parameter.value ?? '', scope),
  }));
  const inputs = (template.inputs?.parameters ?? []).map((parameter) => ({
    ...parameter,
    ...given.find((candidate) => candidate.name === parameter.name),
  }));
  const fields = {
    ...common,
    templateName,
    phase: 'Running' as const,
    ...(inputs.length > 0 && { inputs: { parameters: inputs } }),
  };
  if (template.suspend !== undefined) {
    const outputs = template.outputs && { outputs: template.outputs };
    state.addNode(name, { ...fields, type: 'Suspend', ...outputs }, parent);
    state.emit({ type: 'gate-opened', step: task.name });
    return true;
  }
  const type = template.retryStrategy === undefined ? 'Pod' : 'Retry';
  pods.start(state.addNode(name, { ...fields, type }, parent));
  return true;
}

/** A suspension with a duration ends by itself, with its outputs' defaults. */
function expire(state: RunState, node: NodeStatus): boolean {
  const duration = state.template(node.templateName ?? '').suspend?.duration;
  if (duration === undefined) return false;
  const seconds = Number(/^(\d+)s?$/.exec(duration)?.[1] ?? Number.NaN);
  if (Number.isNaN(seconds)) throw new RangeError(`suspend.duration ${duration} is not in seconds`);
  if (Date.now() < Date.parse(node.startedAt ?? '') + seconds * 1000) return false;
  const parameters = (node.outputs?.parameters ?? []).map(({ valueFrom, ...parameter }) => ({
    ...parameter,
    value: valueFrom?.default ?? '',
  }));
  state.setNode(node.name, { phase: 'Succeeded', outputs: { parameters } });
  state.emit({ type: 'gate-decided', step: node.displayName ?? '', decision: 'timeout' });
  return true;
}
