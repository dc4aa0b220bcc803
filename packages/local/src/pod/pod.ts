import { mkdirSync } from 'node:fs';
import { ARGO_MESSAGES, type NodeStatus } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';
import { containersOf, initContainersOf, isNativeSidecar } from '../containers.ts';
import { type ContainerEnd, failureMessage, isFault, SIGTERM_CODE } from './container-end.ts';
import {
  clearVolumes,
  hostMounts,
  type Mounted,
  mountOf,
  refreshSecrets,
  removeSecrets,
} from './mounts.ts';
import { podOutputs } from './outputs.ts';
import { PodContainers } from './pod-containers.ts';
import type { PodOptions } from './pod-options.ts';
import type { RunningContainer } from './running-container.ts';
import { exitFileOf, readExitCode } from './supervisor.ts';

/** The end of a pod that was stopped before its main container started. */
const STOPPED_EARLY: ContainerEnd = { name: CONTAINERS.main, code: SIGTERM_CODE };

export interface PodResult {
  readonly phase: 'Succeeded' | 'Failed' | 'Error';
  readonly message?: string;
  readonly outputs: NodeStatus['outputs'];
}

/** A pod on this machine: a directory, and a process group for each container. */
export class Pod {
  readonly #options: PodOptions;
  readonly #containers: PodContainers;
  #stopping: Promise<void> | undefined;
  #interrupted = false;

  constructor(options: PodOptions) {
    this.#options = options;
    this.#containers = new PodContainers(options);
  }

  /**
   * Runs the pod until its main container ends or a sidecar fails. If the main container succeeded while no
   * engine was running, it is not started again. If it failed in that time, it is started again, because the
   * missing engine may have caused the failure.
   * @returns undefined when the pod was interrupted.
   */
  async run(): Promise<PodResult | undefined> {
    const { directory } = this.#options;
    mkdirSync(directory, { recursive: true });
    try {
      const earlier = readExitCode(exitFileOf(directory, CONTAINERS.main));
      if (earlier === 0) return this.#result([{ name: CONTAINERS.main, code: earlier }], []);
      clearVolumes(directory);
      await this.#containers.openNetwork();
      const failed = await this.#initialize();
      if (failed !== undefined) {
        await this.stop();
        return this.#interrupted ? undefined : this.#initializationFailure(failed);
      }
      if (this.#interrupted) return undefined;
      this.#options.onInitialized();
      const running = this.#containers.startAll(containersOf(this.#options.template));
      const first = await decisiveEnd(running);
      await this.stop();
      const others = await Promise.all(
        running
          .filter(({ name }) => name !== first.name)
          .map(async ({ name, ended }) => ({ name, code: await ended })),
      );
      if (this.#interrupted && first.code !== 0) return undefined;
      return this.#result([first, ...others], await this.#containers.sidecarEnds());
    } catch (error) {
      await this.#containers.kill();
      return { phase: 'Error', message: (error as Error).message, outputs: undefined };
    } finally {
      await this.#containers.closeNetwork();
      removeSecrets(directory);
    }
  }

  /** Gives the containers what people have replaced in their Secrets. */
  refreshSecrets(): void {
    const { directory, template, sources } = this.#options;
    refreshSecrets(directory, template.volumes ?? [], sources.secrets);
  }

  /** Ends the pod because the engine stops; it starts again when the run is resumed. */
  async interrupt(): Promise<void> {
    this.#interrupted = true;
    await this.stop();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#containers.stop();
    return this.#stopping;
  }

  /**
   * Runs the init containers one after the other: a native sidecar until it serves, any other until its end.
   * @returns the end of one that failed; undefined when the main container may start.
   */
  async #initialize(): Promise<ContainerEnd | undefined> {
    for (const one of initContainersOf(this.#options.template)) {
      // The pod may have been stopped just after the last one succeeded.
      if (this.#stopping !== undefined) return STOPPED_EARLY;
      if (isNativeSidecar(one[1])) {
        await this.#containers.startSidecar(one);
        continue;
      }
      const end = await this.#containers.runInitContainer(one);
      if (end.code !== 0) return end;
    }
    return this.#stopping === undefined ? undefined : STOPPED_EARLY;
  }

  /**
   * @param ends of the containers that ran in parallel, the decisive one first.
   * @param sidecars ends of the native sidecars. They explain a failure and never cause one.
   */
  #result(ends: readonly ContainerEnd[], sidecars: readonly ContainerEnd[]): PodResult {
    const { directory, template } = this.#options;
    const [first] = ends;
    const exitCode = first?.name === CONTAINERS.main ? first.code : undefined;
    const outputs = podOutputs(template, exitCode, (path) => this.#outputPlace(path));
    // One of Argo's own sidecars can fail the step although main succeeded.
    const failed = first?.code === 0 ? ends.slice(1).find(isFault) : first;
    if (failed === undefined) return { phase: 'Succeeded', outputs };
    const message = failureMessage(directory, sidecars.find(isFault) ?? failed);
    return { phase: 'Failed', message, outputs };
  }

  /** The result of a pod whose main container never started. */
  async #initializationFailure(end: ContainerEnd): Promise<PodResult> {
    const { directory, template } = this.#options;
    const failed = (await this.#containers.sidecarEnds()).find(isFault) ?? end;
    if (isFault(failed)) {
      return { phase: 'Failed', message: failureMessage(directory, failed), outputs: undefined };
    }
    const names = initContainersOf(template).map(([name]) => name);
    const next = names.find((name) => !this.#containers.wasStarted(name)) ?? CONTAINERS.main;
    return { phase: 'Error', message: ARGO_MESSAGES.uninitialized(next), outputs: undefined };
  }

  /** Where a file of the main container lies. Undefined in a sandbox: its files are not trusted. */
  #outputPlace(path: string): Mounted | undefined {
    const { directory, template, sources, sandbox } = this.#options;
    if (sandbox(CONTAINERS.main) !== undefined) return undefined;
    const mounts = (template.container?.volumeMounts ?? []).filter(({ mountPath }) =>
      path.startsWith(`${mountPath}/`),
    );
    return mountOf(hostMounts(directory, template.volumes ?? [], mounts, sources), path);
  }
}

/** The end that decides about the pod: that of main, or of a sidecar that failed before main ended. */
function decisiveEnd(containers: readonly RunningContainer[]): Promise<ContainerEnd> {
  const ends = containers.map(async ({ name, ended }) => {
    const end = { name, code: await ended };
    // A pod continues without a sidecar that succeeded.
    return name === CONTAINERS.main || isFault(end) ? end : new Promise<never>(() => {});
  });
  return Promise.race(ends);
}
