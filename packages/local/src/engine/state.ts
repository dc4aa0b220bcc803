import type { NodeStatus, Template, Workflow } from '@agentteam/argo';
import type { RunEvent } from '../events.ts';
import { isFinal, nodeId, type Phase, timestamp } from '../nodes.ts';
import { appendEvent, type RunDirectory, saveWorkflow } from '../run-directory.ts';

type EventBody = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'at'> : never) : never;

/**
 * A Workflow under way. Every change is on disk, as Argo would show it, before anybody acts on it:
 * an engine that is killed at any instant finds here what had happened.
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

  /** A node by its full name: `team`, `team.Setup`, `team.researcher(0)`. */
  node(name: string): NodeStatus | undefined {
    return this.nodes[nodeId(this.name, name)];
  }

  template(name: string): Template {
    const template = this.templates.get(name);
    if (template === undefined) throw new RangeError(`there is no template ${name}`);
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

  setShutdown(strategy: string): void {
    this.#workflow = {
      ...this.#workflow,
      spec: { ...this.#workflow.spec, shutdown: strategy },
    };
    saveWorkflow(this.directory, this.#workflow);
  }

  /** Adds a node, as a child of `parent` where it has one. */
  addNode(
    name: string,
    fields: Pick<NodeStatus, 'type' | 'displayName'> & Partial<NodeStatus>,
    parent?: string,
  ): NodeStatus {
    const id = nodeId(this.name, name);
    const node: NodeStatus = { id, name, startedAt: timestamp(), ...fields };
    const nodes = { ...this.nodes, [id]: node };
    const parentNode = parent === undefined ? undefined : this.node(parent);
    if (parentNode !== undefined) {
      const children = [...(parentNode.children ?? []), id];
      nodes[parentNode.id] = { ...parentNode, children };
    }
    this.setStatus({ nodes });
    return node;
  }

  /** Changes a node; one that reaches a final phase gets its end time. */
  setNode(name: string, changes: Partial<NodeStatus>): NodeStatus {
    const before = this.node(name);
    if (before === undefined) throw new RangeError(`there is no node ${name}`);
    const after = { ...before, ...changes };
    const ended = isFinal(after) && !isFinal(before) ? { finishedAt: timestamp() } : {};
    const node = { ...after, ...ended };
    this.setStatus({ nodes: { ...this.nodes, [node.id]: node }, ...this.#progress(node) });
    return node;
  }

  endNode(name: string, phase: Phase, message?: string): void {
    this.setNode(name, { phase, ...(message && { message }) });
  }

  /** The Workflow's progress: the sum over its steps, one for each that says nothing of its own. */
  #progress(changed: NodeStatus): { readonly progress: string } {
    let done = 0;
    let total = 0;
    for (const node of Object.values({ ...this.nodes, [changed.id]: changed })) {
      if (node.type !== 'Pod') continue;
      const [own, all] = (node.progress ?? (node.phase === 'Succeeded' ? '1/1' : '0/1')).split('/');
      done += Number(own);
      total += Number(all);
    }
    return { progress: `${done}/${total}` };
  }

  emit(event: EventBody): void {
    const stamped = { at: new Date().toISOString(), ...event } as RunEvent;
    appendEvent(this.directory, stamped);
    this.#onEvent(stamped);
  }
}
