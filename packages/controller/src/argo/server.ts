import type { NodeStatus } from '@agentteam/argo';
import { KubeConfig } from '@kubernetes/client-node';
import { Connection } from '../kube/connection.ts';
import type { ObjectMeta } from '../kube/objects.ts';

export interface ArgoServerConfig {
  readonly url: string;
  /** File with the server's certificate authority (PEM). Absent: the public authorities. */
  readonly caFile: string | undefined;
}

interface WorkflowAnswer {
  readonly metadata?: { readonly uid?: string };
  readonly status?: { readonly nodes?: unknown };
}

/**
 * A client of Argo's server, for the nodes in Argo's database. It sends the controller's own token
 * (`--auth-mode=client`), so that the server acts with the controller's rights.
 * Source: https://argo-workflows.readthedocs.io/en/latest/offloading-large-workflows/
 */
export class ArgoServer {
  readonly #connection: Pick<Connection, 'send'>;

  constructor({ url, caFile }: ArgoServerConfig, kubeConfig: KubeConfig) {
    const config = new KubeConfig();
    const user = kubeConfig.getCurrentUser();
    const cluster = {
      ...{ name: 'argo', server: url },
      ...(caFile !== undefined && { caFile }),
      // The client library requires this for plain HTTP.
      skipTLSVerify: url.startsWith('http:'),
    };
    config.loadFromOptions({
      clusters: [cluster],
      users: user === null ? [] : [user],
      contexts: [{ name: 'argo', cluster: 'argo', user: user?.name ?? '' }],
      currentContext: 'argo',
    });
    this.#connection = new Connection(config);
  }

  /**
   * Returns the nodes of a Workflow, wherever Argo keeps them.
   * @throws KubeError when the server refuses the request, and another Error when the server is
   * unreachable or has another Workflow with that name.
   */
  async nodesOf(workflow: ObjectMeta): Promise<unknown> {
    const path = `${pathOf(workflow)}?fields=metadata.uid,status.nodes`;
    const answer = (await this.#connection.send({ method: 'GET', path })) as WorkflowAnswer;
    // The server looks up a deleted Workflow in its archive, by name.
    if (answer.metadata?.uid !== workflow.uid) throw new Error('it returned another Workflow');
    return answer.status?.nodes ?? {};
  }

  /**
   * Ends a suspended node as `argo node set` does.
   * @param gate the open gate.
   * @param ended the same node with its outputs.
   */
  async end(workflow: ObjectMeta, gate: NodeStatus, ended: NodeStatus): Promise<void> {
    const asked = (gate.outputs?.parameters ?? []).filter(({ valueFrom }) => valueFrom?.supplied);
    const outputs = asked.map(({ name }) => [
      name,
      String(ended.outputs?.parameters?.find((output) => output.name === name)?.value ?? ''),
    ]);
    const body = {
      namespace: workflow.namespace,
      name: workflow.name,
      nodeFieldSelector: `id=${gate.id}`,
      phase: ended.phase,
      outputParameters: JSON.stringify(Object.fromEntries(outputs)),
    };
    await this.#connection.send({ method: 'PUT', path: `${pathOf(workflow)}/set`, body });
  }
}

function pathOf({ namespace = '', name }: ObjectMeta): string {
  return `/api/v1/workflows/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}
