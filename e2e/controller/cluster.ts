import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  Watch,
} from '@kubernetes/client-node';
import {
  type ControlPlane,
  programPath,
  startControlPlane,
  type User,
} from '../testcluster/control-plane.ts';

/** An object of any kind in the API server. */
// biome-ignore lint/suspicious/noExplicitAny: tests read fields of any kind
export type Stored = KubernetesObject & { readonly spec?: any; readonly status?: any };

export interface Ref {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const CRDS = [
  'crds/agentteams.yaml',
  'crds/agentteamtemplates.yaml',
  'crds/agentteamruns.yaml',
  'e2e/argo/workflow-crd.yaml',
  'e2e/argo/workflowtemplate-crd.yaml',
];

/** A real API server with the CRDs, and the operations that tests need. */
export class Cluster {
  readonly directory: string;
  readonly #plane: ControlPlane;
  readonly #api: KubernetesObjectApi;
  readonly #config: KubeConfig;
  #files = 0;

  constructor(directory: string, plane: ControlPlane) {
    this.directory = directory;
    this.#plane = plane;
    this.#config = new KubeConfig();
    this.#config.loadFromFile(plane.kubeconfig);
    this.#api = KubernetesObjectApi.makeApiClient(this.#config);
  }

  /** @param flags returns flags of the API server for the directory of its files. */
  static async start(
    users: readonly User[] = [],
    flags: (directory: string) => readonly string[] = () => [],
  ): Promise<Cluster> {
    const directory = mkdtempSync(join(tmpdir(), 'agentteam cluster '));
    const plane = await startControlPlane(directory, users, flags(directory));
    const cluster = new Cluster(directory, plane);
    try {
      await cluster.kubectl(
        'apply',
        '--server-side',
        ...CRDS.map((file) => `-f=${join(root, file)}`),
      );
      await cluster.kindsEstablished();
      // An established kind is not served yet: kubectl retries as the server asks (429, Retry-After).
      await cluster.kubectl(
        'get',
        'agentteams,agentteamtemplates,agentteamruns,workflows,workflowtemplates',
        '--all-namespaces',
      );
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get kubeconfig(): string {
    return this.#plane.kubeconfig;
  }

  get config(): KubeConfig {
    return this.#config;
  }

  kubeconfigOf(user: string): string {
    return this.#plane.kubeconfigOf(user);
  }

  get server(): string {
    return this.#plane.server;
  }

  /** Resolves when all custom resource definitions are established. */
  async kindsEstablished(): Promise<void> {
    // `--for=condition=Established` fails for a definition that is so new that it has no conditions.
    const established = '{.status.conditions[?(@.type=="Established")].status}';
    await this.kubectl('wait', `--for=jsonpath=${established}=True`, 'crd', '--all');
  }

  /** Runs kubectl and returns its output. @throws Error with its stderr when it fails. */
  kubectl(...args: readonly string[]): Promise<string> {
    return this.kubectlAs('admin', ...args);
  }

  async kubectlAs(user: string, ...args: readonly string[]): Promise<string> {
    const kubeconfig = this.kubeconfigOf(user);
    const { stdout } = await execute(programPath('kubectl'), [
      `--kubeconfig=${kubeconfig}`,
      ...args,
    ]);
    return stdout;
  }

  /** Writes an object to a file, for kubectl. */
  file(object: Stored): string {
    this.#files += 1;
    const path = join(this.directory, `object-${this.#files}.json`);
    writeFileSync(path, JSON.stringify(object));
    return path;
  }

  async namespace(name: string): Promise<void> {
    await this.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  async apply(object: Stored): Promise<Stored> {
    return this.#api.patch(
      object,
      undefined,
      undefined,
      'test',
      true,
      PatchStrategy.ServerSideApply,
    );
  }

  async patch(ref: Ref, patch: object): Promise<Stored> {
    const object = {
      ...header(ref),
      ...patch,
      metadata: { ...header(ref).metadata, ...metadataOf(patch) },
    };
    return this.#api.patch(
      object,
      undefined,
      undefined,
      'test',
      undefined,
      PatchStrategy.MergePatch,
    );
  }

  async get(ref: Ref): Promise<Stored | undefined> {
    try {
      return await this.#api.read(header(ref));
    } catch (error) {
      if ((error as { code?: number }).code === 404) return undefined;
      throw error;
    }
  }

  async list(apiVersion: string, kind: string, namespace: string): Promise<readonly Stored[]> {
    return (await this.#api.list(apiVersion, kind, namespace)).items as Stored[];
  }

  async delete(ref: Ref): Promise<void> {
    await this.#api.delete(header(ref));
  }

  /** Waits, with list and watch, until the object satisfies a condition (undefined: it was deleted). */
  async until<T>(
    ref: Ref,
    holds: (stored: Stored | undefined) => T | undefined | false,
  ): Promise<T> {
    const found = Promise.withResolvers<T>();
    const end = new AbortController();
    const look = (now: Stored | undefined): void => {
      const result = holds(now);
      if (!result) return;
      found.resolve(result);
      end.abort();
    };
    const following = this.follow(
      ref,
      (phase, object) => look(phase === 'DELETED' ? undefined : object),
      end.signal,
      (items) => items.length === 0 && look(undefined),
    );
    following.catch(found.reject);
    return found.promise;
  }

  /**
   * Reports every object of a kind, or the one with a name, and then its changes, until the signal
   * aborts.
   * @param onList called with the listed objects at the beginning, and after a watch has ended.
   */
  async follow(
    { apiVersion, kind, namespace, name }: Omit<Ref, 'name'> & { readonly name?: string },
    onEvent: (phase: string, object: Stored) => void,
    signal: AbortSignal,
    onList: (items: readonly Stored[]) => void = () => {},
  ): Promise<void> {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const path = `${base}${namespace ? `/namespaces/${namespace}` : ''}/${kind.toLowerCase()}s`;
    const fieldSelector = name && `metadata.name=${name}`;
    while (!signal.aborted) {
      const { items, metadata } = await this.#api.list(
        apiVersion,
        kind,
        namespace,
        ...([undefined, undefined, undefined, fieldSelector] as const),
      );
      onList(items);
      for (const item of items) onEvent('ADDED', { apiVersion, kind, ...item } as Stored);
      const ended = Promise.withResolvers<void>();
      const request = await new Watch(this.#config).watch(
        path,
        { ...(fieldSelector && { fieldSelector }), resourceVersion: metadata?.resourceVersion },
        // The client ignores errors of its callback.
        (phase, object) => {
          try {
            onEvent(phase, object);
          } catch (error) {
            ended.reject(error);
          }
        },
        // List again when the watch ends without an error or for lack of events.
        (error) => {
          const { name: fault } = (error ?? {}) as { name?: string };
          if (error && fault !== 'AbortError' && fault !== 'TimeoutError') ended.reject(error);
          else ended.resolve();
        },
      );
      const abort = () => {
        request.abort();
        ended.resolve();
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      await ended.promise.finally(abort);
    }
  }

  async stop(): Promise<void> {
    await this.#plane.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function header({ apiVersion, kind, name, namespace }: Ref) {
  return { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } };
}

function metadataOf(patch: object): object {
  return (patch as { metadata?: object }).metadata ?? {};
}
