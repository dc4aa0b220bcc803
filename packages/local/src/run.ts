import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { removeTreesNow } from '@agentteam/volume';
import { unsupported } from './check/unsupported.ts';
import { pendingCommands } from './commands.ts';
import { gateFile } from './gate-answers.ts';
import { stepOf, timestamp } from './nodes.ts';
import { loadWorkflow, runDirectory, saveWorkflow } from './run-directory.ts';

/** Thrown for a Workflow that this engine would not execute as Argo does. */
export class UnsupportedError extends Error {
  /** Each unsupported part: its path and its problem. */
  readonly parts: readonly string[];

  constructor(parts: readonly string[]) {
    super(`the embedded engine does not support: ${parts.join('; ')}`);
    this.parts = parts;
  }
}

/**
 * Creates a run of a Workflow.
 * @param root a directory without a run.
 * @throws UnsupportedError before anything is written.
 */
export function createRun(root: string, workflow: Workflow): void {
  requireSupported(workflow);
  if (existsSync(join(root, 'workflow.json'))) throw new Error(`${root} already contains a run`);
  saveWorkflow(runDirectory(root), workflow);
}

/**
 * Prepares an ended run for another execution, as `argo retry` does. Steps that succeeded are kept. Steps
 * that failed, and those skipped because of them, are repeated on the same volumes. The deadline starts
 * again.
 * @param changed the Workflow to continue with if it has changed, for example by a higher budget.
 * @param isSelected selects further steps to repeat, like `argo retry --restart-successful`.
 * @throws RangeError when the run has not ended, or succeeded and no step is selected.
 * @throws UnsupportedError for a changed Workflow, before anything is written.
 */
export function retry(
  root: string,
  changed?: Workflow,
  isSelected: (node: NodeStatus) => boolean = () => false,
): void {
  if (changed !== undefined) requireSupported(changed);
  const directory = runDirectory(root);
  const workflow = loadWorkflow(directory);
  const { status } = workflow;
  if (status?.finishedAt === undefined) throw new RangeError('the run has not ended');
  const nodes = status.nodes ?? {};
  if (status.phase === 'Succeeded' && !Object.values(nodes).some(isSelected))
    throw new RangeError('the run has succeeded; no step needs to be repeated');
  const repeated = new Set(
    Object.values(nodes)
      .filter((node) => isSelected(node) || isRepeated(node, nodes))
      .map(({ id }) => id),
  );
  // Steps that ran because of a failure, such as the roll-call, depend on the new result.
  for (const id of repeated) for (const child of nodes[id]?.children ?? []) repeated.add(child);
  const kept: Record<string, NodeStatus> = {};
  for (const [id, node] of Object.entries(nodes)) {
    if (repeated.has(id)) continue;
    const children = (node.children ?? []).filter((child) => !repeated.has(child));
    kept[id] = { ...(node.type === 'DAG' ? restarted(node) : node), children };
  }
  removeTreesNow([...repeated].map((id) => join(directory.pods, id)));
  // A repeated gate needs a new answer. An answer to a gate that has not opened yet is kept.
  for (const id of repeated) {
    const node = nodes[id];
    if (node?.type === 'Suspend') rmSync(gateFile(directory, stepOf(node)), { force: true });
  }
  // A pending stop command was meant for the execution that has ended.
  for (const { remove } of pendingCommands(directory)) remove();
  const { finishedAt: _finishedAt, message: _message, ...rest } = status;
  const { shutdown: _shutdown, suspend: _suspend, ...spec } = (changed ?? workflow).spec;
  saveWorkflow(directory, {
    ...workflow,
    spec,
    status: { ...rest, phase: 'Running', startedAt: timestamp(), nodes: kept },
  });
}

function requireSupported(workflow: Workflow): void {
  const parts = unsupported(workflow);
  if (parts.length > 0) throw new UnsupportedError(parts);
}

function restarted({
  finishedAt: _finishedAt,
  message: _message,
  ...node
}: NodeStatus): NodeStatus {
  return { ...node, phase: 'Running', startedAt: timestamp() };
}

/** Selects the exit handler and every step that did not succeed, with all attempts. */
function isRepeated(node: NodeStatus, nodes: Readonly<Record<string, NodeStatus>>): boolean {
  if (/\.onExit(\.|$)/.test(node.name)) return true;
  if (node.type === 'DAG' || node.phase === 'Skipped') return false;
  const step = Object.values(nodes).find(
    (candidate) => candidate.type === 'Retry' && candidate.children?.includes(node.id),
  );
  return (step ?? node).phase !== 'Succeeded';
}
