import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../packages/runner/test/support/free-port.ts';
import { RELEASE } from '../chart/helm.ts';
import { runInstalled } from '../chart/system.ts';
import type { Cluster, Stored } from '../controller/cluster.ts';
import type { ControllerProcess } from '../controller/process.ts';

/**
 * Stands in for the nodes of a cluster that has none: runs the controller as its Deployment specifies,
 * reports Deployments as ready, and carries calls of the API server to the admission webhook's Service.
 * One process stands in for all replicas.
 */
export class Nodes {
  readonly #cluster: Cluster;
  readonly #apiUrl: string;
  readonly #network: Server;
  readonly #port: number;
  readonly #end = new AbortController();
  #controller: ControllerProcess | undefined;
  /** Handles changes of Deployments one after the other. */
  #work: Promise<void> = Promise.resolve();
  readonly #following: Promise<void>;
  readonly #failure = Promise.withResolvers<never>();

  private constructor(cluster: Cluster, apiUrl: string, network: Server, port: number) {
    this.#cluster = cluster;
    this.#apiUrl = apiUrl;
    this.#network = network;
    this.#port = port;
    this.#following = cluster.follow(
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      (phase, deployment) => {
        this.#work = this.#work.then(() => this.#handle(phase, deployment));
        this.#work.catch(this.#failure.reject);
      },
      this.#end.signal,
    );
    this.#following.catch(this.#failure.reject);
    this.#failure.promise.catch(() => {});
  }

  /** Rejects when a change could not be handled, and never resolves. */
  get failure(): Promise<never> {
    return this.#failure.promise;
  }

  /** Flags with which the API server reaches Services through this class. Writes their file into `directory`. */
  static flags(directory: string): readonly string[] {
    const file = join(directory, 'egress.json');
    const uds = { udsName: socketIn(directory) };
    const connection = { proxyProtocol: 'HTTPConnect', transport: { uds } };
    const egressSelections = [{ name: 'cluster', connection }];
    const apiVersion = 'apiserver.k8s.io/v1beta1';
    const kind = 'EgressSelectorConfiguration';
    writeFileSync(file, JSON.stringify({ apiVersion, kind, egressSelections }));
    return [`--egress-selector-config-file=${file}`];
  }

  /** @param apiUrl base URL of the model for the gateways of teams. */
  static async open(cluster: Cluster, apiUrl: string): Promise<Nodes> {
    const port = await freePort();
    const network = createServer().on('connect', (_request, caller) => {
      const service = connect(port, '127.0.0.1', () => {
        caller.write('HTTP/1.1 200 OK\r\n\r\n');
        caller.pipe(service).pipe(caller);
      });
      service.on('error', () => caller.destroy());
      caller.on('error', () => service.destroy());
    });
    await new Promise<void>((listening) =>
      network.listen(socketIn(cluster.directory), () => listening()),
    );
    return new Nodes(cluster, apiUrl, network, port);
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.allSettled([this.#following, this.#work]);
    await this.#controller?.stop();
    this.#network.close();
  }

  async #handle(phase: string, deployment: Stored): Promise<void> {
    const { name = '', namespace = '' } = deployment.metadata ?? {};
    const isController = name === `${RELEASE}-controller`;
    if (phase === 'DELETED') {
      if (!isController) return;
      await this.#controller?.stop();
      this.#controller = undefined;
      return;
    }
    try {
      if (isController) {
        this.#controller ??= await runInstalled(this.#cluster, {
          AGENTTEAM_API_URL: this.#apiUrl,
          AGENTTEAM_WEBHOOK_PORT: String(this.#port),
        });
      }
      await this.#reportReady(deployment);
    } catch (error) {
      // The error does not matter if the Deployment was deleted in the meantime.
      const ref = { apiVersion: 'apps/v1', kind: 'Deployment', name, namespace };
      if ((await this.#cluster.get(ref)) !== undefined) throw error;
    }
  }

  /** Also creates the ReplicaSet, because Helm checks it. */
  async #reportReady({ metadata = {}, spec, status }: Stored): Promise<void> {
    if (status?.observedGeneration === metadata.generation) return;
    const { name = '', namespace = '', uid = '', generation } = metadata;
    const { replicas = 1, selector, template } = spec;
    const ready = { replicas, readyReplicas: replicas, availableReplicas: replicas };
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true };
    await this.#cluster.apply({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: uid, namespace, labels: selector.matchLabels, ownerReferences: [owner] },
      spec: { replicas, selector, template },
    });
    await this.#patchStatus('replicaset', uid, namespace, { ...ready, observedGeneration: 1 });
    const observed = { updatedReplicas: replicas, observedGeneration: generation };
    await this.#patchStatus('deployment', name, namespace, { ...ready, ...observed });
  }

  async #patchStatus(kind: string, name: string, namespace: string, status: object): Promise<void> {
    const patch = `-p=${JSON.stringify({ status })}`;
    const options = ['--subresource=status', '--type=merge', patch];
    await this.#cluster.kubectl('patch', kind, name, '-n', namespace, ...options);
  }
}

function socketIn(directory: string): string {
  return join(directory, 'network.sock');
}
