import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { NodeStatus } from '@agentteam/argo';
import type { Cluster, Stored } from '../controller/cluster.ts';
import { workflowRef } from '../controller/teams.ts';

type Nodes = Readonly<Record<string, NodeStatus>>;

/**
 * Replaces Argo's server and its database in a test: it stores the nodes of offloaded Workflows, returns
 * such Workflows with their nodes, and sets suspended nodes, each with the rights of the client
 * (`--auth-mode=client`).
 * Source: server/workflow/workflow_server.go and workflow/util/util.go of Argo Workflows 4.1.2
 */
export class ArgoServerStandIn {
  readonly url: string;
  readonly #server: Server;
  readonly #cluster: Cluster;
  /** Stored nodes by version. */
  readonly #database = new Map<string, Nodes>();
  /** Number of reads of a Workflow. */
  reads = 0;
  /** If it is set, every request is refused with it. */
  trouble: string | undefined;

  private constructor(server: Server, protocol: string, cluster: Cluster) {
    this.#server = server;
    this.#cluster = cluster;
    this.url = `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}/argo`;
    server.on('request', async (from, to) => {
      const { status, body } = await this.#answer(from).catch((error: Error) => ({
        ...{ status: 500, body: { code: 13, message: error.message } },
      }));
      to.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  }

  /** @param certificate directory of `tls.crt` and `tls.key`; without it, the server uses HTTP. */
  static async start(cluster: Cluster, certificate?: string): Promise<ArgoServerStandIn> {
    const read = (name: string): Buffer => readFileSync(join(certificate ?? '', name));
    const [protocol, server] =
      certificate === undefined
        ? ['http', createServer()]
        : ['https', createSecureServer({ cert: read('tls.crt'), key: read('tls.key') })];
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ArgoServerStandIn(server, protocol, cluster);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  /** Offloads a Workflow's nodes, as Argo's controller does when they are too large for the object. */
  async offload(name: string, namespace: string, status: object, nodes: Nodes): Promise<void> {
    const version = this.#keep(nodes);
    await this.#cluster.patch(workflowRef(name, namespace), {
      status: { ...status, offloadNodeStatusVersion: version },
    });
  }

  #keep(nodes: Nodes): string {
    const version = `fnv:${createHash('sha256').update(JSON.stringify(nodes)).digest('hex')}`;
    this.#database.set(version, nodes);
    return version;
  }

  async #answer(from: IncomingMessage): Promise<{ status: number; body: unknown }> {
    if (this.trouble !== undefined) {
      return { status: 503, body: { code: 14, message: this.trouble } };
    }
    const url = new URL(from.url ?? '', this.url);
    const [, namespace = '', name = '', verb] =
      /^\/argo\/api\/v1\/workflows\/([^/]+)\/([^/]+)(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    const { authorization = '' } = from.headers;
    const path = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/workflows/${name}`;
    const read = await ask(this.#cluster.server, 'GET', path, authorization);
    if (read.status !== 200) return read;
    const workflow = read.body as Stored;
    const nodes = this.#database.get(workflow.status.offloadNodeStatusVersion);
    if (nodes === undefined) throw new Error('the database does not contain this version');
    if (from.method === 'PUT' && verb === 'set') {
      const set = JSON.parse((await from.toArray()).map(String).join(''));
      const { [nodeOf(set, nodes)]: node } = nodes;
      const ended = { ...nodes, [node?.id ?? '']: withOutputs(node as NodeStatus, set) };
      const status = { ...workflow.status, offloadNodeStatusVersion: this.#keep(ended) };
      return ask(this.#cluster.server, 'PUT', path, authorization, { ...workflow, status });
    }
    this.reads += 1;
    if (url.searchParams.get('fields') !== 'metadata.uid,status.nodes')
      throw new Error('this request is not supported');
    return { status: 200, body: { metadata: { uid: workflow.metadata?.uid }, status: { nodes } } };
  }
}

interface SetRequest {
  readonly nodeFieldSelector: string;
  readonly phase: NonNullable<NodeStatus['phase']>;
  /** JSON object of the parameters by name. */
  readonly outputParameters: string;
}

function nodeOf({ nodeFieldSelector }: SetRequest, nodes: Nodes): string {
  const id = nodeFieldSelector.replace(/^id=/, '');
  const node = nodes[id];
  if (node?.type === 'Suspend' && node.phase === 'Running') return id;
  throw new Error(`no suspend nodes matching nodeFieldSelector: ${nodeFieldSelector}`);
}

function withOutputs(node: NodeStatus, { phase, outputParameters }: SetRequest): NodeStatus {
  const given = Object.entries(JSON.parse(outputParameters) as Record<string, string>);
  const parameters = new Map((node.outputs?.parameters ?? []).map((one) => [one.name, one]));
  for (const [name, value] of given) {
    if (!parameters.get(name)?.valueFrom?.supplied) throw new Error(`cannot set ${name}`);
    parameters.set(name, { name, value });
  }
  const outputs = { ...node.outputs, parameters: [...parameters.values()] };
  return { ...node, phase, finishedAt: '2026-01-01T00:01:00Z', outputs };
}

async function ask(
  server: string,
  method: string,
  path: string,
  authorization: string,
  body?: object,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { authorization, 'content-type': 'application/json' };
  request(`${server}${path}`, { method, headers, rejectUnauthorized: false }, resolve)
    .on('error', reject)
    .end(body && JSON.stringify(body));
  const answer = await promise;
  const text = (await answer.toArray()).map(String).join('');
  return { status: answer.statusCode ?? 0, body: JSON.parse(text) };
}
