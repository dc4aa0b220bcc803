import type { NodeStatus } from '@agentteam/argo';
import type { Nodes } from '@agentteam/status';
import { reasonOf } from '../kube/kube-error.ts';
import type { CachedWorkflow } from './cached-workflow.ts';
import { trimNodes } from './nodes.ts';
import type { ArgoServer } from './server.ts';

const NO_SERVER =
  "To show them, set the URL of Argo's server: argo.serverUrl in the chart, or AGENTTEAM_ARGO_SERVER_URL.";

/** A Workflow with its nodes, if they could be read. */
export interface LoadedWorkflow {
  readonly workflow: CachedWorkflow;
  /** Why the nodes could not be read. The failure may be temporary. */
  readonly failure?: unknown;
}

/**
 * Reads the nodes that Argo keeps in its database from Argo's server, once for each version of them.
 * Without a server, Workflows stay without nodes.
 */
export class OffloadedNodes {
  readonly #server: Pick<ArgoServer, 'nodesOf' | 'end'> | undefined;
  /** By team. */
  readonly #known = new Map<string, { readonly version: string; readonly nodes: Nodes }>();

  constructor(server: Pick<ArgoServer, 'nodesOf' | 'end'> | undefined) {
    this.#server = server;
  }

  /** Adds the offloaded nodes to the Workflow of a team. */
  async load(team: string, workflow: CachedWorkflow): Promise<LoadedWorkflow> {
    const { hidden: _hidden, offloaded: version, ...seen } = workflow;
    if (version === undefined) return { workflow };
    if (this.#server === undefined) return { workflow: withoutNodes(workflow, NO_SERVER) };
    try {
      const known = this.#known.get(team);
      const nodes =
        known?.version === version
          ? known.nodes
          : trimNodes(await this.#server.nodesOf(workflow.metadata));
      this.#known.set(team, { version, nodes });
      return { workflow: { ...seen, offloaded: version, status: { ...seen.status, nodes } } };
    } catch (failure) {
      const why = `Argo's server did not return them: ${reasonOf(failure)}.`;
      return { workflow: withoutNodes(workflow, why), failure };
    }
  }

  /** Closes an open gate. The cached nodes show it as closed until the watch reports it. */
  async end(
    team: string,
    { metadata, offloaded }: CachedWorkflow,
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

function withoutNodes(workflow: CachedWorkflow, why: string): CachedWorkflow {
  const message = `${workflow.hidden?.message ?? ''} ${why}`;
  return { ...workflow, hidden: { reason: 'NodesOffloaded', message } };
}
