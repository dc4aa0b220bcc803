import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { NodeStatus, Template } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';
import { MESSAGES } from '../messages.ts';
import type { SandboxNetwork } from '../sandbox/network.ts';
import { containersOf, initContainersOf, type NamedContainer } from '../support/containers.ts';
import { type Programs, startContainer } from './container.ts';
import { clearVolumes, hostMounts, removeSecrets, type VolumeSources } from './mounts.ts';
import { podOutputs, terminationMessage } from './outputs.ts';
import { HAS_PROC } from './proc.ts';
import { killAll, killGroup, terminate } from './processes.ts';
import type { RunningContainer } from './running-container.ts';
import { exitFileOf, readExitCode } from './supervisor.ts';

/** How long a container may take to end after SIGTERM; Kubernetes gives 30 s. */
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
  /** Called when what runs before the main container is done. */
  readonly onInitialized: () => void;
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
  #running: readonly RunningContainer[] = [];
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
      if (earlier === 0) return this.#result([{ name: CONTAINERS.main, code: earlier }]);
      clearVolumes(directory);
      const broken = await this.#initialize();
      if (this.#interrupted) return undefined;
      if (broken !== undefined) return uninitialized(directory, broken);
      this.#options.onInitialized();
      const { template } = this.#options;
      this.#running = [];
      for (const one of containersOf(template)) this.#start(one);
      const first = await this.#firstEnd();
      await this.stop();
      const others = await Promise.all(
        this.#running
          .filter(({ name }) => name !== first.name)
          .map(async ({ name, ended }) => ({ name, code: await ended })),
      );
      if (this.#interrupted && first.code !== 0) return undefined;
      return this.#result([first, ...others]);
    } catch (error) {
      await this.#kill();
      return { phase: 'Error', message: (error as Error).message, outputs: undefined };
    } finally {
      removeSecrets(directory);
    }
  }

  /**
   * Runs what comes before the main container. Neither its processes nor its secrets outlive it.
   * @returns the end of the one that failed, and kept the others from starting.
   */
  async #initialize(): Promise<ContainerEnd | undefined> {
    const { directory, template } = this.#options;
    for (const one of initContainersOf(template)) {
      // What was told to end may have come to its own end just before.
      if (this.#stopping !== undefined) return TOLD;
      this.#running = [];
      const { name, ended } = this.#start(one);
      const code = await ended;
      await this.#kill();
      removeSecrets(directory);
      if (code !== 0) return { name, code };
    }
    return this.#stopping === undefined ? undefined : TOLD;
  }

  #start([name, container]: NamedContainer): RunningContainer {
    const { directory, template, sources, programs, sandbox, env } = this.#options;
    const volumes = template.volumes ?? [];
    const mounts = hostMounts(directory, volumes, container.volumeMounts ?? [], sources);
    const options = { podDirectory: directory, name, container, mounts, programs };
    const started = startContainer({ ...options, sandbox: sandbox(name), env: env(name) });
    this.#running = [...this.#running, started];
    return started;
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

  /** SIGTERM to each container, and an end to what is left after the grace period. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const grace = new AbortController();
    const pids = this.#running.flatMap(({ pid }) => pid ?? []);
    const asked = Promise.all(pids.map((pid) => terminate(pid, grace.signal)));
    const all = Promise.allSettled(this.#running.map(({ ended }) => ended));
    const timeout = delay(GRACE_MS, undefined, { signal: grace.signal }).catch(() => {});
    await Promise.race([all, timeout]);
    grace.abort();
    await asked;
    await this.#kill();
    await all;
  }

  async #kill(): Promise<void> {
    if (!HAS_PROC) for (const { pid } of this.#running) if (pid !== undefined) killGroup(pid);
    await killAll({
      directories: [this.#options.directory],
      supervisors: this.#running.flatMap(({ supervisor }) => supervisor ?? []),
    });
  }

  /** @param ends the one that decided first. */
  #result(ends: readonly ContainerEnd[]): PodResult {
    const { directory, template } = this.#options;
    const [first] = ends;
    const exitCode = first?.name === CONTAINERS.main ? first.code : undefined;
    const outputs = podOutputs(directory, template, exitCode);
    // A sidecar can fail the step even where main succeeded.
    const failed =
      first?.code === 0 ? ends.slice(1).find(({ code }) => !TOLD_TO_END.includes(code)) : first;
    if (failed === undefined) return { phase: 'Succeeded', outputs };
    const words = terminationMessage(directory, failed.name);
    return { phase: 'Failed', message: MESSAGES.exit(failed.name, failed.code, words), outputs };
  }
}

/** The end of a pod whose main container never started. */
function uninitialized(directory: string, { name, code }: ContainerEnd): PodResult {
  if (TOLD_TO_END.includes(code)) {
    return { phase: 'Error', message: MESSAGES.uninitialized, outputs: undefined };
  }
  const message = MESSAGES.exit(name, code, terminationMessage(directory, name));
  return { phase: 'Failed', message, outputs: undefined };
}
