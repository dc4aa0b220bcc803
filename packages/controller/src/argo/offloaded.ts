import type { NodeStatus } from '@agentteam/argo';
import type { Nodes } from '@agentteam/status';
import { reasonOf } from '../kube/kube-error.ts';
import { keepNodes } from './nodes.ts';
import type { ArgoServer } from './server.ts';
import type { StoredWorkflow } from './stored.ts';

const NO_SERVER =
  'Name its server for them to be shown: argo.serverUrl in the chart, AGENTTEAM_ARGO_SERVER_URL.';

/** A Workflow with its nodes, or why it is without them. */
export interface Shown {
  readonly workflow: StoredWorkflow;
  /** What may pass: it is worth trying again. */
  readonly failure?: unknown;
}

/**
 * The nodes that Argo keeps in its database, asked of its server once for each version of them. Without
 * a server Workflows stay as they are.
 */
export class OffloadedNodes {
  readonly #server: Pick<ArgoServer, 'nodesOf' | 'end'> | undefined;
  /** By team. */
  readonly #known = new Map<string, { readonly version: string; readonly nodes: Nodes }>();

  constructor(server: Pick<ArgoServer, 'nodesOf' | 'end'> | undefined) {
    this.#server = server;
  }

  /** The Workflow of a team with its nodes, where there are any to be asked for. */
  async show(team: string, workflow: StoredWorkflow): Promise<Shown> {
    const { hidden: _hidden, offloaded: version, ...seen } = workflow;
    if (version === undefined) return { workflow };
    if (this.#server === undefined) return { workflow: without(workflow, NO_SERVER) };
    try {
      const known = this.#known.get(team);
      const nodes =
        known?.version === version
          ? known.nodes
          : keepNodes(await this.#server.nodesOf(workflow.metadata));
      this.#known.set(team, { version, nodes });
      return { workflow: { ...seen, offloaded: version, status: { ...seen.status, nodes } } };
    } catch (failure) {
      const why = `Its server does not show them: ${reasonOf(failure)}.`;
      return { workflow: without(workflow, why), failure };
    }
  }

  /** Ends a gate that waits. What is known of the nodes has it ended until the watch tells of it. */
  async end(
    team: string,
    { metadata, offloaded }: StoredWorkflow,
    gate: NodeStatus,
    ended: NodeStatus,
  ): Promise<void> {
    await this.#server?.end(metadata, gate, ended);
    const known = this.#known.get(team);
    if (known === undefined || known.version !== offloaded) return;
    this.#known.set(team, { ...known, nodes: { ...known.nodes, [ended.id]: ended } });
  }

  forget(team: string): void {
    this.#known.delete(team);
  }
}

function without(workflow: StoredWorkflow, why: string): StoredWorkflow {
  const message = `${workflow.hidden?.message ?? ''} ${why}`;
  return { ...workflow, hidden: { reason: 'NodesOffloaded', message } };
}
