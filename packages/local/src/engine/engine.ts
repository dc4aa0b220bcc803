import { type FSWatcher, realpathSync, watch } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { ARGO_MESSAGES, type NodeStatus, type Workflow } from '@agentteam/argo';
import { requireFixedMounts } from '../check/require-fixed-mounts.ts';
import { requireSources } from '../check/require-sources.ts';
import type { RunEvent } from '../events.ts';
import type { ImageEngine } from '../images/image-engine.ts';
import { isFailure, isFinal, timestamp } from '../nodes.ts';
import type { Programs } from '../pod/container.ts';
import { endLeftovers } from '../pod/leftovers.ts';
import type { ConfigMapSource } from '../pod/mounts.ts';
import type { PortOf } from '../pod/probe.ts';
import type { SecretSource } from '../pod/secret-volume.ts';
import { loadWorkflow, makePrivate, type RunDirectory, runDirectory } from '../run-directory.ts';
import type { SandboxNetwork } from '../sandbox/network.ts';
import { advanceDag } from './dag.ts';
import { requireDiskSpace, writtenClaims } from './disk-space.ts';
import { applyAnswers } from './gates.ts';
import { type ElapsedSince, RunClock } from './run-clock.ts';
import { applyCommands } from './run-commands.ts';
import { type Shutdown, shutdownOf } from './shutdown.ts';
import { RunState } from './state.ts';
import { Steps } from './steps.ts';

export interface ExecuteOptions {
  /** Ends the pods and keeps the run's state; another `execute` resumes the run. */
  readonly signal: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
  readonly programs: Programs;
  /** Directories that serve as claims, by name. A relative path is below the run's directory. */
  readonly claims: Readonly<Record<string, string>>;
  readonly configMaps: Readonly<Record<string, ConfigMapSource>>;
  /** On disk only in the directories of pods that are running, never in the run's state. */
  readonly secrets: Readonly<Record<string, SecretSource>>;
  /** Directories that serve as volumes of the type image, by the image. */
  readonly images?: Readonly<Record<string, string>>;
  /** Whether a container runs in a sandbox. */
  readonly sandboxed: (template: string, container: string) => boolean;
  /** The network of sandboxed containers. @default own */
  readonly network?: SandboxNetwork;
  /** Variables that the Workflow cannot declare: ports and programs of this machine. */
  readonly env: (template: string, container: string) => Readonly<Record<string, string>>;
  /** The port at which a container serves a port that it declares. @default the declared port */
  readonly portOf?: PortOf;
  /**
   * Runs native sidecars whose command has no program here, and agents in images of their own, from their
   * images. They need a sandbox with a network of its own: no container shares its ports with this machine.
   */
  readonly imageEngine?: ImageEngine;
}

/** The engine also looks for commands at this interval: not every file system reports changes. */
const POLL_MS = 250;
/** The interval at which Secrets that can be replaced are read again. A gateway waits for them in steps of seconds. */
const SECRETS_MS = 2_000;

/**
 * Executes a run until it ends or the signal aborts. Processes that a killed engine left behind are
 * ended first. The caller makes sure that no other engine executes the same run.
 * @returns the Workflow; without `status.finishedAt` the run was interrupted.
 * @throws MissingSourceError naming every claim, ConfigMap, Secret and program that is missing, before
 * anything starts.
 * @throws MovableMountError for a mount that an agent could lead elsewhere.
 * @throws StorageError when the disk is full or not writable. All pods have ended by then, and the run
 * can be resumed.
 */
export async function execute(root: string, options: ExecuteOptions): Promise<Workflow> {
  const directory = runDirectory(realpathSync(root));
  const workflow = loadWorkflow(directory);
  requireSources(workflow, options);
  requireFixedMounts(directory.root, workflow, options, options.sandboxed);
  makePrivate(directory);
  await endLeftovers(directory.pods, options.imageEngine);
  return new Engine(directory, workflow, options).run();
}

function absoluteClaims(
  root: string,
  claims: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(claims).map(([name, path]) => [name, resolve(root, path)]),
  );
}

class Engine {
  readonly #directory: RunDirectory;
  readonly #signal: AbortSignal;
  readonly #state: RunState;
  readonly #steps: Steps;
  readonly #clock: RunClock;
  readonly #elapsedSince: ElapsedSince = (start) => this.#clock.elapsedSince(start);
  /** Directories on whose disks the run writes. */
  readonly #written: readonly string[];
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(directory: RunDirectory, workflow: Workflow, options: ExecuteOptions) {
    this.#directory = directory;
    this.#signal = options.signal;
    this.#clock = RunClock.open(directory);
    const claims = writtenClaims(workflow).flatMap((name) => options.claims[name] ?? []);
    this.#written = [directory.root, ...claims.filter((path) => isAbsolute(path))];
    this.#state = new RunState(directory, workflow, options.onEvent ?? (() => {}));
    this.#steps = new Steps(this.#state, {
      sources: { ...options, claims: absoluteClaims(directory.root, options.claims) },
      programs: options.programs,
      sandbox: (template, container) =>
        options.sandboxed(template, container) ? (options.network ?? 'own') : undefined,
      env: options.env,
      imageEngine: options.imageEngine,
      portOf: options.portOf ?? (async (_podDirectory, _container, port) => port),
      onPodEnd: () => this.#wake(),
      onError: (error) => {
        this.#failure ??= { error };
        this.#wake();
      },
      requireDiskSpace: () => requireDiskSpace(this.#written),
    });
  }

  async run(): Promise<Workflow> {
    const state = this.#state;
    requireDiskSpace(this.#written);
    if (state.workflow.status?.phase === undefined) {
      state.setStatus({ phase: 'Running', startedAt: timestamp(), nodes: {} });
    }
    const wake = (): void => this.#wake();
    const watcher = tryWatch(this.#directory.commands, wake);
    const poll = setInterval(wake, POLL_MS);
    const secrets = setInterval(() => this.#steps.refreshSecrets(), SECRETS_MS);
    this.#signal.addEventListener('abort', wake);
    try {
      while (!this.#signal.aborted && state.workflow.status?.finishedAt === undefined) {
        const next = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        requireDiskSpace(this.#written);
        this.#clock.tick(state.isSuspended);
        applyAnswers(state);
        applyCommands(state);
        this.#steps.readProgress();
        if (!(await this.#advance())) await next;
        if (this.#failure !== undefined) throw this.#failure.error;
      }
      this.#clock.save();
    } finally {
      this.#signal.removeEventListener('abort', wake);
      clearInterval(poll);
      clearInterval(secrets);
      watcher?.close();
      await this.#steps.interrupt();
    }
    return state.workflow;
  }

  /** @returns false when there is nothing to do until something happens. */
  async #advance(): Promise<boolean> {
    const state = this.#state;
    const { name } = state;
    const { entrypoint = '' } = state.workflow.spec;
    const shutdown = shutdownOf(state.workflow, this.#elapsedSince);
    if (shutdown !== undefined) {
      const { endsExitHandler } = shutdown;
      this.#steps.endAll(shutdown, (node) => endsExitHandler || !isPartOfExitHandler(node, name));
    }
    if (!isFinal(state.node(name))) {
      const dag = { name, templateName: entrypoint, isExitHandler: false };
      return (
        advanceDag(state, this.#steps, dag, shutdown, this.#elapsedSince) ||
        isFinal(state.node(name))
      );
    }
    // The exit handler reads what the other steps wrote, so it starts after their pods have ended.
    if (state.node(exitNode(name)) === undefined) await this.#steps.settled();
    return this.#advanceExitHandler(shutdown);
  }

  #advanceExitHandler(shutdown: Shutdown | undefined): boolean {
    const state = this.#state;
    const { onExit } = state.workflow.spec;
    const name = exitNode(state.name);
    const exit = state.node(name);
    const isDone = exit === undefined ? shutdown?.endsExitHandler === true : isFinal(exit);
    if (onExit !== undefined && !isDone) {
      // Argo sets the phase before the exit handler starts, which receives it as `workflow.status`.
      if (exit === undefined) state.setStatus({ phase: this.#outcome(undefined).phase });
      const dag = { name, templateName: onExit, isExitHandler: true };
      return advanceDag(state, this.#steps, dag, undefined, this.#elapsedSince);
    }
    state.setStatus({ ...this.#outcome(exit), finishedAt: timestamp() });
    return true;
  }

  /** The Workflow ends as its DAG did, unless only the exit handler failed (operator.go, operate). */
  #outcome(exit: NodeStatus | undefined): Pick<NodeStatus, 'phase' | 'message'> & {
    readonly phase: 'Succeeded' | 'Failed' | 'Error';
  } {
    const { workflow } = this.#state;
    const root = this.#state.node(this.#state.name);
    if (isFailure(root)) {
      const { shutdown } = workflow.spec;
      const message = shutdown && ARGO_MESSAGES.stopped(shutdown);
      return { phase: root?.phase === 'Error' ? 'Error' : 'Failed', ...(message && { message }) };
    }
    if (!isFailure(exit)) return { phase: 'Succeeded' };
    const phase = exit?.phase === 'Error' ? 'Error' : 'Failed';
    return { phase, ...(exit?.message && { message: exit.message }) };
  }
}

/** @returns undefined where the kernel has no watch left; polling wakes the engine then. */
function tryWatch(directory: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(directory, onChange).on('error', () => {});
  } catch {
    return undefined;
  }
}

function exitNode(workflow: string): string {
  return `${workflow}.onExit`;
}

function isPartOfExitHandler(node: NodeStatus, workflow: string): boolean {
  return node.name === exitNode(workflow) || node.name.startsWith(`${exitNode(workflow)}.`);
}
