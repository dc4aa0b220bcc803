import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ARGO_MESSAGES, type NodeStatus, type Template } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';
import type { SandboxNetwork } from '../sandbox/network.ts';
import { containersOf, initContainersOf, type NamedContainer } from '../support/containers.ts';
import { type Programs, rootOf, startContainer } from './container.ts';
import { clearVolumes, hostMounts, mountOf, removeSecrets, type VolumeSources } from './mounts.ts';
import { isNativeSidecar, NativeSidecar, startupProbeOf } from './native-sidecar.ts';
import { podOutputs, terminationMessage } from './outputs.ts';
import { answers, numberOf, type PortOf } from './probe.ts';
import { HAS_PROC } from './proc.ts';
import { killAll, killGroup, terminate } from './processes.ts';
import type { RunningContainer } from './running-container.ts';
import { exitFileOf, readExitCode } from './supervisor.ts';

/** How long a pod's containers may take to end after SIGTERM; Kubernetes gives 30 s. */
const GRACE_MS = 20_000;

const SIGTERM_CODE = 143;
/** Exits of a container besides main that Argo ignores: it was told to end (inferFailedReason in operator.go). */
const TOLD_TO_END = [0, 137, SIGTERM_CODE];
/** Of a pod that was told to end between two of its containers. */
const TOLD: ContainerEnd = { name: CONTAINERS.main, code: SIGTERM_CODE };

export interface PodOptions {
  readonly directory: string;
  /** With all `{{…}}` substituted. */
  readonly template: Template;
  readonly sources: VolumeSources;
  readonly programs: Programs;
  /** The network of a container's sandbox; undefined: it runs without one. */
  readonly sandbox: (container: string) => SandboxNetwork | undefined;
  readonly env: (container: string) => Readonly<Record<string, string>>;
  readonly portOf: PortOf;
  /** Called when what runs before the main container is done. */
  readonly onInitialized: () => void;
  /** Called when a sidecar that has ended is started again. */
  readonly onRestart: (container: string, exitCode: number) => void;
}

export interface PodResult {
  readonly phase: 'Succeeded' | 'Failed' | 'Error';
  readonly message?: string;
  readonly outputs: NodeStatus['outputs'];
}

interface ContainerEnd {
  readonly name: string;
  readonly code: number;
}

/** A pod of this machine: a directory, and a process group for each container. */
export class Pod {
  readonly #options: PodOptions;
  /** Containers that run side by side, or the one that runs before them. */
  #running: readonly RunningContainer[] = [];
  /** Those that were started before them and keep running, in that order. */
  #sidecars: readonly NativeSidecar[] = [];
  /** Names of the containers that were started. */
  readonly #begun: Set<string> = new Set();
  #stopping: Promise<void> | undefined;
  #interrupted = false;

  constructor(options: PodOptions) {
    this.#options = options;
  }

  /**
   * Runs it to its end: until its main container has left, or a sidecar has failed before it. A main
   * container that succeeded while no engine ran is not started again. One that ended badly then is:
   * nobody can tell whether it failed, or left because its engine was gone.
   * @returns undefined when the pod was interrupted before its end.
   */
  async run(): Promise<PodResult | undefined> {
    const { directory } = this.#options;
    mkdirSync(directory, { recursive: true });
    try {
      const earlier = readExitCode(exitFileOf(directory, CONTAINERS.main));
      if (earlier === 0) return this.#result([{ name: CONTAINERS.main, code: earlier }], []);
      clearVolumes(directory);
      const broken = await this.#initialize();
      if (broken !== undefined) {
        await this.stop();
        if (this.#interrupted) return undefined;
        return this.#uninitialized(broken);
      }
      if (this.#interrupted) return undefined;
      this.#options.onInitialized();
      const { template } = this.#options;
      this.#running = containersOf(template).map((one) => this.#start(one));
      const first = await this.#firstEnd();
      await this.stop();
      const others = await Promise.all(
        this.#running
          .filter(({ name }) => name !== first.name)
          .map(async ({ name, ended }) => ({ name, code: await ended })),
      );
      if (this.#interrupted && first.code !== 0) return undefined;
      return this.#result([first, ...others], await this.#sidecarEnds());
    } catch (error) {
      await this.#kill();
      return { phase: 'Error', message: (error as Error).message, outputs: undefined };
    } finally {
      removeSecrets(directory);
    }
  }

  /**
   * Runs what comes before the main container, each to its end or until it serves. Neither processes
   * nor secrets of what has ended are left.
   * @returns the end of the one that failed, and kept the others from starting.
   */
  async #initialize(): Promise<ContainerEnd | undefined> {
    const { directory, template } = this.#options;
    for (const one of initContainersOf(template)) {
      // What was told to end may have come to its own end just before.
      if (this.#stopping !== undefined) return TOLD;
      if (isNativeSidecar(one[1])) {
        await this.#startSidecar(one).started;
        continue;
      }
      const container = this.#start(one);
      this.#running = [container];
      const code = await container.ended;
      await this.#killOne(container);
      this.#running = [];
      removeSecrets(directory, this.#heldVolumes());
      if (code !== 0) return { name: container.name, code };
    }
    return this.#stopping === undefined ? undefined : TOLD;
  }

  #startSidecar(one: NamedContainer): NativeSidecar {
    const { directory, portOf, onRestart } = this.#options;
    const [name, container] = one;
    const probe = startupProbeOf(container);
    const port = probe && numberOf(container, probe.port);
    const sidecar = new NativeSidecar({
      name,
      start: () => this.#start(one),
      kill: (running) => this.#killOne(running),
      patienceMs: probe?.patienceMs ?? 0,
      onRestart: (exitCode) => onRestart(name, exitCode),
      ...(probe !== undefined &&
        port !== undefined && {
          serves: async () => answers(await portOf(directory, name, port), probe.path),
        }),
    });
    this.#sidecars = [...this.#sidecars, sidecar];
    return sidecar;
  }

  /** Volumes that a sidecar may still read from. */
  #heldVolumes(): ReadonlySet<string> {
    const held = initContainersOf(this.#options.template).filter(([name]) =>
      this.#sidecars.some((sidecar) => sidecar.name === name),
    );
    return new Set(held.flatMap(([, { volumeMounts = [] }]) => volumeMounts.map((m) => m.name)));
  }

  #start([name, container]: NamedContainer): RunningContainer {
    const { directory, template, sources, programs, sandbox, env } = this.#options;
    this.#begun.add(name);
    const volumes = template.volumes ?? [];
    const mounts = hostMounts(directory, volumes, container.volumeMounts ?? [], sources);
    const options = { podDirectory: directory, name, container, mounts, programs };
    return startContainer({ ...options, sandbox: sandbox(name), env: env(name) });
  }

  /** The end that decides: main's, or that of a sidecar that failed first. */
  #firstEnd(): Promise<ContainerEnd> {
    const ends = this.#running.map(async ({ name, ended }) => {
      const code = await ended;
      // A sidecar that leaves in good order is done; the pod goes on without it.
      const decides = name === CONTAINERS.main || !TOLD_TO_END.includes(code);
      return decides ? { name, code } : new Promise<never>(() => {});
    });
    return Promise.race(ends);
  }

  /** Ends it because the engine is interrupted: it starts again when a run goes on. */
  async interrupt(): Promise<void> {
    this.#interrupted = true;
    await this.stop();
  }

  /** SIGTERM to its containers, then to its sidecars, the last first; an end to what is left after the grace period. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const grace = new AbortController();
    const timer = setTimeout(() => grace.abort(), GRACE_MS);
    await endAll(this.#running, grace.signal);
    for (const sidecar of this.#sidecars.toReversed()) {
      await endAll([sidecar.retire()], grace.signal);
    }
    clearTimeout(timer);
    await this.#kill();
    await Promise.allSettled([...this.#running, ...this.#sidecars].map(({ ended }) => ended));
  }

  #sidecarEnds(): Promise<readonly ContainerEnd[]> {
    return Promise.all(
      this.#sidecars.map(async ({ name, ended }) => ({ name, code: await ended })),
    );
  }

  async #killOne({ name, pid, supervisor }: RunningContainer): Promise<void> {
    if (!HAS_PROC && pid !== undefined) killGroup(pid);
    await killAll({
      directories: [rootOf(this.#options.directory, name)],
      supervisors: supervisor === undefined ? [] : [supervisor],
    });
  }

  async #kill(): Promise<void> {
    const containers = [...this.#running, ...this.#sidecars.map((sidecar) => sidecar.retire())];
    if (!HAS_PROC) for (const { pid } of containers) if (pid !== undefined) killGroup(pid);
    await killAll({
      directories: [this.#options.directory],
      supervisors: containers.flatMap(({ supervisor }) => supervisor ?? []),
    });
  }

  /**
   * @param ends of the containers that ran side by side, the one that decided first.
   * @param sidecars ends of those that ran before and beside them: only a failed pod is judged by them.
   */
  #result(ends: readonly ContainerEnd[], sidecars: readonly ContainerEnd[]): PodResult {
    const [first] = ends;
    const exitCode = first?.name === CONTAINERS.main ? first.code : undefined;
    const outputs = podOutputs(this.#options.template, exitCode, (path) => this.#placeOf(path));
    // A sidecar of Argo's own kind can fail the step even where main succeeded.
    const failed = first?.code === 0 ? ends.slice(1).find(isFault) : first;
    if (failed === undefined) return { phase: 'Succeeded', outputs };
    return { phase: 'Failed', message: this.#message(sidecars.find(isFault) ?? failed), outputs };
  }

  /** The end of a pod whose main container never started. */
  async #uninitialized(broken: ContainerEnd): Promise<PodResult> {
    const failed = (await this.#sidecarEnds()).find(isFault) ?? broken;
    if (!isFault(failed)) {
      const before = initContainersOf(this.#options.template).map(([name]) => name);
      const next = before.find((name) => !this.#begun.has(name)) ?? CONTAINERS.main;
      return { phase: 'Error', message: ARGO_MESSAGES.uninitialized(next), outputs: undefined };
    }
    return { phase: 'Failed', message: this.#message(failed), outputs: undefined };
  }

  #message({ name, code }: ContainerEnd): string {
    const words = terminationMessage(rootOf(this.#options.directory, name));
    return ARGO_MESSAGES.exit(name, code, words);
  }

  /** Where a file of the main container's lies; undefined where it is an agent's. */
  #placeOf(path: string) {
    const { directory, template, sources, sandbox } = this.#options;
    // What runs in a sandbox is not trusted, and neither is what it leaves.
    if (sandbox(CONTAINERS.main) !== undefined) return undefined;
    const mounts = (template.container?.volumeMounts ?? []).filter(({ mountPath }) =>
      path.startsWith(`${mountPath}/`),
    );
    return mountOf(hostMounts(directory, template.volumes ?? [], mounts, sources), path);
  }
}

function isFault({ code }: ContainerEnd): boolean {
  return !TOLD_TO_END.includes(code);
}

/** SIGTERM to each, and resolves when all have ended or the grace period is over. */
async function endAll(containers: readonly RunningContainer[], grace: AbortSignal): Promise<void> {
  if (grace.aborted) return;
  const over = new AbortController();
  const signal = AbortSignal.any([grace, over.signal]);
  const asked = containers.flatMap(({ pid }) =>
    pid === undefined ? [] : [terminate(pid, signal)],
  );
  const all = Promise.allSettled(containers.map(({ ended }) => ended));
  const late = delay(GRACE_MS, undefined, { signal }).catch(() => {});
  await Promise.race([all, late]);
  over.abort();
  await Promise.all(asked);
}
