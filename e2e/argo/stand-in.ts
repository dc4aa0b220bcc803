import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { type Decision, ENV, OUTPUTS, RUNNER } from '@agentteam/contract';
import {
  createRun,
  decide,
  execute,
  loadWorkflow,
  runDirectory,
  stop,
  suspend,
} from '@agentteam/local';
import { podNameOf } from '@agentteam/status';
import { readGatewayAddress, watchDirectory } from '@agentteam/volume';
import { portOf } from '../../packages/cli/src/run/engine-options.ts';
import { RUNNER as RUNNER_PROGRAM } from '../../packages/runner/test/support/programs.ts';
import type { Cluster, Ref, Stored } from '../controller/cluster.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const API_VERSION = 'argoproj.io/v1alpha1';

/**
 * Replaces Argo's controller in a test. It watches the Workflows of a namespace, executes each on the
 * embedded engine with the real runner and the real `claude`, and writes the status into the object as
 * Argo does. It applies what others write to the object: answers to gates (`argo resume`, `argo node
 * set`, this product's controller), `spec.suspend` and `spec.shutdown`.
 */
export class ArgoStandIn {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #directory: string;
  readonly #runs = new Map<string, StandInRun>();
  readonly #end = new AbortController();
  readonly #following: Promise<void>;

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#directory = join(cluster.directory, 'argo', namespace);
    this.#following = cluster.follow(
      { apiVersion: API_VERSION, kind: 'Workflow', namespace },
      (phase, object) => this.#see(phase, object),
      this.#end.signal,
    );
  }

  /** The directory of a claim. */
  claim(name: string): string {
    return join(this.#directory, 'claims', name);
  }

  /** Where the gateway in a pod serves figures and orders; undefined if the pod does not run. */
  async statusUrlOf(pod: string): Promise<string | undefined> {
    for (const run of this.#runs.values()) {
      const url = await run.statusUrlOf(pod);
      if (url !== undefined) return url;
    }
    return undefined;
  }

  /** Ends the pods of all runs. Resolves when they are gone. */
  async stop(): Promise<void> {
    this.#end.abort();
    await this.#following;
    await Promise.all([...this.#runs.values()].map((run) => run.abort()));
  }

  #see(phase: string, object: Stored): void {
    const uid = object.metadata?.uid ?? '';
    const run = this.#runs.get(uid);
    if (phase === 'DELETED') void run?.abort();
    else if (run !== undefined) run.observe(object);
    else if (object.spec?.entrypoint === 'team') {
      const started = new StandInRun(this.#cluster, join(this.#directory, uid), object);
      this.#runs.set(uid, started);
      started.start(() => this.#sources());
    }
  }

  /** The ConfigMaps and Secrets that pods mount, read when the Workflow starts. */
  async #sources() {
    const named = async (kind: string): Promise<readonly Stored[]> =>
      this.#cluster.list('v1', kind, this.#namespace);
    const [secrets, configMaps, claims] = await Promise.all([
      named('Secret'),
      named('ConfigMap'),
      named('PersistentVolumeClaim'),
    ]);
    const nameOf = (object: Stored): string => object.metadata?.name ?? '';
    const data = (object: Stored) =>
      Object.entries((object as { data?: Record<string, string> }).data ?? {});
    const decoded = (value: string): string => Buffer.from(value, 'base64').toString('utf8');
    return {
      secrets: Object.fromEntries(
        secrets.map((secret) => [
          nameOf(secret),
          Object.fromEntries(data(secret).map(([key, value]) => [key, decoded(value)])),
        ]),
      ),
      configMaps: Object.fromEntries(
        configMaps.map((map) => [nameOf(map), Object.fromEntries(data(map))]),
      ),
      claims: Object.fromEntries(
        claims.map((claim) => {
          const directory = this.claim(nameOf(claim));
          mkdirSync(directory, { recursive: true });
          return [nameOf(claim), directory];
        }),
      ),
    };
  }
}

type Sources = Pick<Parameters<typeof execute>[1], 'secrets' | 'configMaps' | 'claims'>;

/** A Workflow on the engine, and its object on the API server. */
class StandInRun {
  readonly #cluster: Cluster;
  readonly #directory: string;
  readonly #ref: Ref;
  readonly #end = new AbortController();
  /** Nodes that others have ended; for these, the object counts. */
  readonly #answered = new Map<string, NodeStatus>();
  #object: Stored;
  #isSuspended = false;
  #ended: Promise<unknown> = Promise.resolve();
  #writing: Promise<void> | undefined;
  #changed = false;

  constructor(cluster: Cluster, directory: string, object: Stored) {
    this.#cluster = cluster;
    this.#directory = directory;
    this.#object = object;
    const { name = '', namespace } = object.metadata ?? {};
    this.#ref = {
      apiVersion: API_VERSION,
      kind: 'Workflow',
      name,
      ...(namespace && { namespace }),
    };
  }

  start(sources: () => Promise<Sources>): void {
    this.#ended = this.#execute(sources).then(
      () => this.#write(),
      (error: Error) => this.#fail(error),
    );
  }

  async #execute(sources: () => Promise<Sources>): Promise<void> {
    const { apiVersion, kind, metadata, spec } = this.#object as unknown as Workflow;
    const { name, namespace, uid, labels, annotations } = metadata;
    const kept = { name, namespace, uid, labels, annotations };
    const workflow = { apiVersion, kind, metadata: kept, spec };
    createRun(this.#directory, JSON.parse(JSON.stringify(workflow)) as Workflow);
    const claude = join(root, 'node_modules/@anthropic-ai/claude-code-linux-x64/claude');
    void this.#followState();
    await execute(this.#directory, {
      ...(await sources()),
      signal: this.#end.signal,
      onEvent: () => this.#write(),
      programs: {
        commands: { [RUNNER]: [process.execPath, RUNNER_PROGRAM] },
        directories: [dirname(process.execPath), dirname(RUNNER_PROGRAM)],
        path: [dirname(process.execPath)],
      },
      sandboxed: () => false,
      // Pods have their own address. Processes share one, so they use any free port.
      env: () => ({ [ENV.claude]: claude, [ENV.gatewayPort]: '0', [ENV.statusPort]: '0' }),
      portOf,
    });
  }

  /** Writes states for which the engine has no event: a pod that begins to run. */
  async #followState(): Promise<void> {
    let written = '';
    for await (const _ of watchDirectory(this.#directory, { signal: this.#end.signal })) {
      const text = JSON.stringify(loadWorkflow(runDirectory(this.#directory)).status);
      if (text !== written) this.#write();
      written = text;
    }
  }

  /** Handles a change of the object: an answer to a gate, or a shutdown. */
  observe(object: Stored): void {
    this.#object = object;
    const { shutdown, suspend: isSuspended = false } = object.spec;
    if (isSuspended !== this.#isSuspended) {
      this.#isSuspended = isSuspended;
      suspend(this.#directory, isSuspended);
    }
    // Argo ignores the shutdown of a suspended Workflow.
    if (shutdown && !isSuspended) stop(this.#directory, shutdown);
    const nodes: Record<string, NodeStatus> = object.status?.nodes ?? {};
    const engine = loadWorkflow(runDirectory(this.#directory)).status?.nodes ?? {};
    for (const node of Object.values(nodes)) {
      if (node.type !== 'Suspend' || node.phase === 'Running' || this.#answered.has(node.id))
        continue;
      if (engine[node.id]?.phase !== 'Running') continue;
      this.#answered.set(node.id, node);
      const value = (name: string) =>
        node.outputs?.parameters?.find((parameter) => parameter.name === name)?.value;
      decide(this.#directory, node.displayName ?? '', value(OUTPUTS.decision) as Decision, {
        by: value(OUTPUTS.decidedBy) ?? '',
        reason: value(OUTPUTS.reason) ?? '',
        proof: value(OUTPUTS.proof) ?? '',
      });
    }
  }

  async statusUrlOf(pod: string): Promise<string | undefined> {
    const workflow = loadWorkflow(runDirectory(this.#directory));
    const nodes = Object.values(workflow.status?.nodes ?? {});
    const node = nodes.find((one) => podNameOf(workflow, one) === pod);
    if (node?.phase !== 'Running') return undefined;
    const volume = join(this.#directory, 'pods', node.id, 'volumes', 'gateway');
    return (await readGatewayAddress(volume))?.statusUrl;
  }

  async abort(): Promise<void> {
    this.#end.abort();
    await this.#ended;
    await this.#writing;
  }

  /** Writes the engine's state into the object. Changes during a write are written together afterwards. */
  #write(): void {
    this.#changed = true;
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#changed) {
        this.#changed = false;
        await this.#writeOnce();
      }
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeOnce(): Promise<void> {
    const { status } = loadWorkflow(runDirectory(this.#directory));
    const nodes = { ...status?.nodes, ...Object.fromEntries(this.#answered) };
    const ended = status?.finishedAt !== undefined;
    const patch = {
      metadata: {
        // As in Argo, a gate that was answered meanwhile must not open again.
        resourceVersion: this.#object.metadata?.resourceVersion,
        labels: {
          'workflows.argoproj.io/phase': status?.phase,
          ...(ended && { 'workflows.argoproj.io/completed': 'true' }),
        },
      },
      status: { ...status, nodes },
    };
    try {
      this.#object = await this.#cluster.patch(this.#ref, patch);
    } catch (error) {
      const { code } = error as { code?: number };
      if (code === 404) return;
      if (code !== 409) throw error;
      const now = await this.#cluster.get(this.#ref);
      if (now === undefined) return;
      this.observe(now);
      this.#changed = true;
    }
  }

  async #fail(error: Error): Promise<void> {
    const finishedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    await this.#cluster.patch(this.#ref, {
      status: { phase: 'Error', message: error.message, finishedAt },
    });
  }
}
