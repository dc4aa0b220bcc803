import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { removeTreesNow } from '@agentteam/volume';
import { pendingCommands } from './commands.ts';
import { fileOf } from './gate-answers.ts';
import { stepOf, timestamp } from './nodes.ts';
import { loadWorkflow, runDirectory, saveWorkflow } from './run-directory.ts';
import { unsupported } from './support/unsupported.ts';

/** A Workflow asks for something that this engine does not do as Argo does. */
export class UnsupportedError extends Error {
  readonly parts: readonly string[];

  constructor(parts: readonly string[]) {
    super(`the embedded engine does not execute: ${parts.join('; ')}`);
    this.parts = parts;
  }
}

/**
 * Makes a run of a Workflow in a directory that does not exist yet.
 * @throws UnsupportedError before anything is written.
 */
export function createRun(root: string, workflow: Workflow): void {
  requireSupported(workflow);
  if (existsSync(join(root, 'workflow.json'))) throw new Error(`there is a run in ${root} already`);
  saveWorkflow(runDirectory(root), workflow);
}

/**
 * Makes an ended run ready to go on, as `argo retry` does: what succeeded stays, what failed and
 * what was left out because of it is done again, on the same volumes; the clock of the deadline
 * starts anew.
 * @param changed the Workflow to go on with, when it has changed (a higher budget, say).
 * @param isNamed steps that are done again besides, as `argo retry --restart-successful` names them.
 * @throws RangeError when the run has not ended, or ended well.
 * @throws UnsupportedError for a changed Workflow, before anything is written.
 */
export function retry(
  root: string,
  changed?: Workflow,
  isNamed: (node: NodeStatus) => boolean = () => false,
): void {
  if (changed !== undefined) requireSupported(changed);
  const directory = runDirectory(root);
  const workflow = loadWorkflow(directory);
  const { status } = workflow;
  if (status?.finishedAt === undefined) throw new RangeError('the run has not ended');
  const nodes = status.nodes ?? {};
  if (status.phase === 'Succeeded' && !Object.values(nodes).some(isNamed))
    throw new RangeError('the run has succeeded; there is nothing to repeat');
  const repeated = new Set(
    Object.values(nodes)
      .filter((node) => isNamed(node) || isRepeated(node, nodes))
      .map(({ id }) => id),
  );
  // What followed from a failure (who was never there was told) follows from what comes of it now.
  for (const id of repeated) for (const child of nodes[id]?.children ?? []) repeated.add(child);
  const kept: Record<string, NodeStatus> = {};
  for (const [id, node] of Object.entries(nodes)) {
    if (repeated.has(id)) continue;
    const children = (node.children ?? []).filter((child) => !repeated.has(child));
    kept[id] = { ...(node.type === 'DAG' ? begunAgain(node) : node), children };
  }
  removeTreesNow([...repeated].map((id) => join(directory.pods, id)));
  // A gate that opens again is answered anew; one that has not opened yet may have its answer already.
  for (const id of repeated) {
    const node = nodes[id];
    if (node?.type === 'Suspend') rmSync(fileOf(directory, stepOf(node)), { force: true });
  }
  // A stop was for what has ended.
  for (const { done } of pendingCommands(directory)) done();
  const { finishedAt: _finishedAt, message: _message, ...rest } = status;
  const { shutdown: _shutdown, ...spec } = (changed ?? workflow).spec;
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

function begunAgain({
  finishedAt: _finishedAt,
  message: _message,
  ...node
}: NodeStatus): NodeStatus {
  return { ...node, phase: 'Running', startedAt: timestamp() };
}

/** The exit handler, and every step that did not succeed, with its attempts. */
function isRepeated(node: NodeStatus, nodes: Readonly<Record<string, NodeStatus>>): boolean {
  if (/\.onExit(\.|$)/.test(node.name)) return true;
  if (node.type === 'DAG' || node.phase === 'Skipped') return false;
  const step = Object.values(nodes).find(
    (candidate) => candidate.type === 'Retry' && candidate.children?.includes(node.id),
  );
  return (step ?? node).phase !== 'Succeeded';
}
