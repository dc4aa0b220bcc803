import type { NodeStatus, Template, Workflow } from '@agentteam/argo';
import type { RunEvent } from '../events.ts';
import { isFinal, nodeId, type Phase, timestamp } from '../nodes.ts';
import { appendEvent, type RunDirectory, saveWorkflow } from '../run-directory.ts';
import { withProgress } from './progress.ts';

type EventBody = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'at'> : never) : never;

/**
 * The state of a run. Every change is saved to disk, in the form in which Argo would show it, before the
 * engine acts on it, so an engine that is killed at any time can be followed by another one.
 */
export class RunState {
  readonly directory: RunDirectory;
  readonly templates: ReadonlyMap<string, Template>;
  #workflow: Workflow;
  readonly #onEvent: (event: RunEvent) => void;

  constructor(directory: RunDirectory, workflow: Workflow, onEvent: (event: RunEvent) => void) {
    this.directory = directory;
    this.templates = new Map(workflow.spec.templates?.map((t) => [t.name ?? '', t]));
    this.#workflow = workflow;
    this.#onEvent = onEvent;
  }

  get workflow(): Workflow {
    return this.#workflow;
  }

  get name(): string {
    return this.#workflow.metadata.name ?? '';
  }

  get nodes(): Readonly<Record<string, NodeStatus>> {
    return this.#workflow.status?.nodes ?? {};
  }

  /** @param name the node's full name: `team`, `team.Lead`, `team.researcher(0)`. */
  node(name: string): NodeStatus | undefined {
    return this.nodes[nodeId(this.name, name)];
  }

  template(name: string): Template {
    const template = this.templates.get(name);
    if (template === undefined) throw new RangeError(`unknown template ${name}`);
    return template;
  }

  setStatus(status: Partial<NonNullable<Workflow['status']>>): void {
    this.#workflow = { ...this.#workflow, status: { ...this.#workflow.status, ...status } };
    saveWorkflow(this.directory, this.#workflow);
    if (status.phase !== undefined) {
      const { message } = status;
      this.emit({ type: 'workflow', phase: status.phase, ...(message && { message }) });
    }
  }

  /** Ends the run, also one that is suspended. */
  setShutdown(strategy: string): void {
    const { suspend: _suspend, ...spec } = this.#workflow.spec;
    this.#setSpec({ ...spec, shutdown: strategy });
  }

  get isSuspended(): boolean {
    return this.#workflow.spec.suspend === true;
  }

  setSuspend(isSuspended: boolean): void {
    const { suspend: _suspend, ...spec } = this.#workflow.spec;
    this.#setSpec(isSuspended ? { ...spec, suspend: true } : spec);
  }

  #setSpec(spec: Workflow['spec']): void {
    this.#workflow = { ...this.#workflow, spec };
    saveWorkflow(this.directory, this.#workflow);
  }

  /** Adds a node, as a child of each of its parents. */
  addNode(
    name: string,
    fields: Pick<NodeStatus, 'type' | 'displayName'> & Partial<NodeStatus>,
    parents: readonly string[] = [],
  ): NodeStatus {
    const id = nodeId(this.name, name);
    const now = timestamp();
    const started: NodeStatus = { id, name, startedAt: now, ...fields };
    const node = isFinal(started) ? { ...started, finishedAt: now } : started;
    const nodes = { ...this.nodes, [id]: node };
    for (const parent of new Set(parents)) {
      const parentNode = this.node(parent);
      if (parentNode === undefined) continue;
      const children = [...(parentNode.children ?? []), id];
      nodes[parentNode.id] = { ...parentNode, children };
    }
    this.setStatus(withProgress(nodes));
    return this.nodes[id] ?? node;
  }

  /** Changes a node, and sets its end time when it reaches a final phase. */
  setNode(name: string, changes: Partial<NodeStatus>): NodeStatus {
    const before = this.node(name);
    if (before === undefined) throw new RangeError(`unknown node ${name}`);
    const after = { ...before, ...changes };
    const ended = isFinal(after) && !isFinal(before) ? { finishedAt: timestamp() } : {};
    const node = { ...after, ...ended };
    this.setStatus(withProgress({ ...this.nodes, [node.id]: node }));
    return this.nodes[node.id] ?? node;
  }

  endNode(name: string, phase: Phase, message?: string): NodeStatus {
    return this.setNode(name, { phase, ...(message && { message }) });
  }

  emit(event: EventBody): void {
    const stamped = { at: new Date().toISOString(), ...event } as RunEvent;
    appendEvent(this.directory, stamped);
    this.#onEvent(stamped);
  }
}
