import { type FSWatcher, realpathSync, watch } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { ARGO_MESSAGES, type NodeStatus, type Workflow } from '@agentteam/argo';
import type { RunEvent } from '../events.ts';
import { isFailure, isFinal, timestamp } from '../nodes.ts';
import type { Programs } from '../pod/container.ts';
import { endLeftovers } from '../pod/leftovers.ts';
import type { ConfigMapSource } from '../pod/mounts.ts';
import type { PortOf } from '../pod/probe.ts';
import { keepPrivate, loadWorkflow, type RunDirectory, runDirectory } from '../run-directory.ts';
import type { SandboxNetwork } from '../sandbox/network.ts';
import { requireSources } from '../support/sources.ts';
import { RunClock } from './clock.ts';
import { type Curfew, curfewOf } from './curfew.ts';
import { advanceDag } from './dag.ts';
import { obey } from './obey.ts';
import { requireRoom, writtenClaims } from './room.ts';
import { RunState } from './state.ts';
import { Steps } from './steps.ts';

export interface ExecuteOptions {
  /** Ends the pods and leaves the run as it stands; another `execute` goes on from there. */
  readonly signal: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
  readonly programs: Programs;
  /** Directories that stand for claims, by name; a relative path is below the run's own directory. */
  readonly claims: Readonly<Record<string, string>>;
  readonly configMaps: Readonly<Record<string, ConfigMapSource>>;
  /** Never written into the run's state; into a pod's directory while the pod runs. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Which containers run in a sandbox, if any. */
  readonly sandboxed: (template: string, container: string) => boolean;
  /** The network of those. @default own */
  readonly network?: SandboxNetwork;
  /** What a container is told that the Workflow cannot know: ports and programs of this machine. */
  readonly env: (template: string, container: string) => Readonly<Record<string, string>>;
  /** Where a container serves a port that it declares; default: at that very port. */
  readonly portOf?: PortOf;
}

/** A file system may not tell of changes, and time tells nobody. */
const POLL_MS = 250;

/**
 * Runs a run to its end, or until the signal aborts. What an engine that was killed has left behind
 * is ended first. Nothing keeps two engines from one run: that is the caller's to see to.
 * @returns the Workflow as it then is; without `status.finishedAt` it was interrupted.
 * @throws MissingSourceError naming every claim, ConfigMap, Secret and program that nobody provided,
 * before anything starts.
 * @throws StorageError when the disk is full or cannot be written: all pods have ended by then, and the
 * run goes on from where it stands when that is mended.
 */
export async function execute(root: string, options: ExecuteOptions): Promise<Workflow> {
  const directory = runDirectory(realpathSync(root));
  const workflow = loadWorkflow(directory);
  requireSources(workflow, options);
  keepPrivate(directory);
  await endLeftovers(directory.pods);
  return new Engine(directory, workflow, options).run();
}

/** The directories that stand for claims, as absolute paths. */
function belowRun(
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
  /** Whose disks must have room. */
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
      sources: { ...options, claims: belowRun(directory.root, options.claims) },
      programs: options.programs,
      sandbox: (template, container) =>
        options.sandboxed(template, container) ? (options.network ?? 'own') : undefined,
      env: options.env,
      portOf: options.portOf ?? (async (_podDirectory, _container, port) => port),
      wake: () => this.#wake(),
      fail: (error) => {
        this.#failure ??= { error };
        this.#wake();
      },
      requireRoom: () => requireRoom(this.#written),
    });
  }

  async run(): Promise<Workflow> {
    const state = this.#state;
    requireRoom(this.#written);
    if (state.workflow.status?.phase === undefined) {
      state.setStatus({ phase: 'Running', startedAt: timestamp(), nodes: {} });
    }
    const wake = (): void => this.#wake();
    const watcher = tryWatch(this.#directory.commands, wake);
    const poll = setInterval(wake, POLL_MS);
    this.#signal.addEventListener('abort', wake);
    try {
      while (!this.#signal.aborted && state.workflow.status?.finishedAt === undefined) {
        const next = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        requireRoom(this.#written);
        this.#clock.look();
        obey(state, this.#directory);
        this.#steps.readProgress();
        if (!(await this.#advance())) await next;
        if (this.#failure !== undefined) throw this.#failure.error;
      }
      this.#clock.save();
    } finally {
      this.#signal.removeEventListener('abort', wake);
      clearInterval(poll);
      watcher?.close();
      await this.#steps.interrupt();
    }
    return state.workflow;
  }

  /** Takes one step forward where one can be taken; false: there is nothing to do but wait. */
  async #advance(): Promise<boolean> {
    const state = this.#state;
    const { name } = state;
    const { entrypoint = '' } = state.workflow.spec;
    const elapsedSince = (begun: number) => this.#clock.elapsedSince(begun);
    const curfew = curfewOf(state.workflow, elapsedSince);
    if (curfew !== undefined) {
      this.#steps.endAll(curfew, (node) => curfew.all || !isPartOfExit(node, name));
    }
    if (!isFinal(state.node(name))) {
      const dag = { name, templateName: entrypoint, isExit: false };
      return advanceDag(state, this.#steps, dag, curfew, elapsedSince) || isFinal(state.node(name));
    }
    // What runs at the exit finds the work of all others done, also of those that were ended.
    if (state.node(exitNode(name)) === undefined) await this.#steps.settled();
    return this.#exit(curfew);
  }

  #exit(curfew: Curfew | undefined): boolean {
    const state = this.#state;
    const { onExit } = state.workflow.spec;
    const name = exitNode(state.name);
    const exit = state.node(name);
    if (onExit !== undefined && (exit === undefined ? curfew?.all !== true : !isFinal(exit))) {
      // Argo tells the exit handler how the workflow ended before the workflow itself has.
      if (exit === undefined) state.setStatus({ phase: this.#verdict(undefined).phase });
      const dag = { name, templateName: onExit, isExit: true };
      return advanceDag(state, this.#steps, dag, undefined, (begun) =>
        this.#clock.elapsedSince(begun),
      );
    }
    state.setStatus({ ...this.#verdict(exit), finishedAt: timestamp() });
    return true;
  }

  /** How the Workflow has ended: as its DAG, unless only the exit handler failed (operator.go, operate). */
  #verdict(exit: NodeStatus | undefined): Pick<NodeStatus, 'phase' | 'message'> & {
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

/** The kernel may have no more watches to give; time wakes the engine as well. */
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

function isPartOfExit(node: NodeStatus, workflow: string): boolean {
  return node.name === exitNode(workflow) || node.name.startsWith(`${exitNode(workflow)}.`);
}
