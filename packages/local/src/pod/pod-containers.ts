import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  containersOf,
  initContainersOf,
  isNativeSidecar,
  type NamedContainer,
  runsFromImage,
} from '../containers.ts';
import { commandLinesOf } from '../images/command-lines.ts';
import { DockerNetwork } from '../images/docker-network.ts';
import { containerName, type ImageEngine, variablesOf } from '../images/image-engine.ts';
import { PodNetwork, PodNetworkError } from '../images/pod-network.ts';
import { writeSeccompProfile } from '../images/seccomp-profile.ts';
import { rootOf, startContainer } from './container.ts';
import type { ContainerEnd } from './container-end.ts';
import { startImageContainer } from './image-container.ts';
import { hostMounts, removeSecrets } from './mounts.ts';
import { NativeSidecar, startupProbeOf } from './native-sidecar.ts';
import type { PodOptions } from './pod-options.ts';
import { answers, portNumber } from './probe.ts';
import { HAS_PROC } from './proc.ts';
import { killAll, killGroup, terminate } from './processes.ts';
import type { RunningContainer } from './running-container.ts';

/** How long a pod's containers may take to end after SIGTERM; Kubernetes allows 30 s. */
const GRACE_MS = 20_000;

/** Starts and ends the containers of one pod. */
export class PodContainers {
  readonly #options: PodOptions;
  /** The init container that is running, or the containers that run in parallel after all of them. */
  #running: readonly RunningContainer[] = [];
  /** Native sidecars, in the order in which they were started. */
  #sidecars: readonly NativeSidecar[] = [];
  readonly #started: Set<string> = new Set();
  /** Only of a pod with containers from images. */
  #network: PodNetwork | DockerNetwork | undefined;

  constructor(options: PodOptions) {
    this.#options = options;
  }

  wasStarted(name: string): boolean {
    return this.#started.has(name);
  }

  /** Opens the network of a pod in which a container runs from its image. */
  async openNetwork(): Promise<void> {
    const { template, imageEngine } = this.#options;
    const all = [...initContainersOf(template), ...containersOf(template)];
    const fromImages = all.filter((one) => this.#runsFromImage(one));
    if (imageEngine === undefined || fromImages.length === 0) return;
    this.#network =
      imageEngine.name === 'podman'
        ? await PodNetwork.open(imageEngine)
        : await this.#openDockerNetwork(imageEngine, fromImages);
  }

  #openDockerNetwork(
    engine: ImageEngine,
    fromImages: readonly NamedContainer[],
  ): Promise<DockerNetwork> {
    const { directory, template, sources } = this.#options;
    const [, container] = fromImages.find(([, one]) => !isNativeSidecar(one)) ?? [];
    if (container === undefined) {
      throw new PodNetworkError('in docker, only an agent with an image can have sidecars');
    }
    const mounts = hostMounts(
      directory,
      template.volumes ?? [],
      container.volumeMounts ?? [],
      sources,
    );
    const name = containerName(rootOf(directory, 'network'));
    return DockerNetwork.open(engine, { ...this.#place(), name, container, mounts });
  }

  /** What the containers from images have in common. Writes their system call filter. */
  #place() {
    const { directory } = this.#options;
    const seccomp = writeSeccompProfile(join(directory, 'seccomp.json'));
    return { pods: dirname(directory), seccomp };
  }

  /** Starts the containers that run in parallel. */
  startAll(containers: readonly NamedContainer[]): readonly RunningContainer[] {
    this.#running = containers.map((one) => this.#start(one));
    return this.#running;
  }

  /**
   * Runs an init container until it ends, and removes its processes and its secrets.
   * @returns how it ended.
   */
  async runInitContainer(one: NamedContainer): Promise<ContainerEnd> {
    const container = this.#start(one);
    this.#running = [container];
    const code = await container.ended;
    await this.#killContainer(container);
    this.#running = [];
    removeSecrets(this.#options.directory, this.#sidecarVolumes());
    return { name: container.name, code };
  }

  /** Resolves when the sidecar serves. */
  async startSidecar(one: NamedContainer): Promise<void> {
    const { directory, portOf, onRestart } = this.#options;
    const [name, container] = one;
    const probe = startupProbeOf(container);
    const port = probe && portNumber(container, probe.port);
    const sidecar = new NativeSidecar({
      name,
      start: () => this.#start(one),
      kill: (running) => this.#killContainer(running),
      startupTimeoutMs: probe?.timeoutMs ?? 0,
      onRestart: (exitCode) => onRestart(name, exitCode),
      ...(probe !== undefined &&
        port !== undefined && {
          isServing: async () => answers(await portOf(directory, name, port), probe.path),
        }),
    });
    this.#sidecars = [...this.#sidecars, sidecar];
    await sidecar.started;
  }

  /** How the native sidecars ended. */
  sidecarEnds(): Promise<readonly ContainerEnd[]> {
    return Promise.all(
      this.#sidecars.map(async ({ name, ended }) => ({ name, code: await ended })),
    );
  }

  /** Sends SIGTERM to the containers, then to the sidecars in reverse order; kills what is left. */
  async stop(): Promise<void> {
    const grace = new AbortController();
    const timer = setTimeout(() => grace.abort(), GRACE_MS);
    await terminateAll(this.#running, grace.signal);
    for (const sidecar of this.#sidecars.toReversed()) {
      await terminateAll([sidecar.retire()], grace.signal);
    }
    clearTimeout(timer);
    await this.kill();
    await Promise.allSettled([...this.#running, ...this.#sidecars].map(({ ended }) => ended));
  }

  async kill(): Promise<void> {
    const containers = [...this.#running, ...this.#sidecars.map((sidecar) => sidecar.retire())];
    await Promise.all(containers.map(({ remove }) => remove?.()));
    if (!HAS_PROC) for (const { pid } of containers) if (pid !== undefined) killGroup(pid);
    await killAll({
      directories: [this.#options.directory],
      supervisors: containers.flatMap(({ supervisor }) => supervisor ?? []),
    });
  }

  async closeNetwork(): Promise<void> {
    await this.#network?.close();
  }

  #runsFromImage([, container]: NamedContainer): boolean {
    return runsFromImage(container, Object.keys(this.#options.programs.commands));
  }

  #start(one: NamedContainer): RunningContainer {
    const { directory, template, sources, programs, sandbox, env } = this.#options;
    const { imageEngine: engine } = this.#options;
    const [name, container] = one;
    this.#started.add(name);
    const volumes = template.volumes ?? [];
    const network = this.#network;
    const isFromImage = engine !== undefined && network !== undefined && this.#runsFromImage(one);
    if (isFromImage && isNativeSidecar(container)) {
      const of = { ...this.#place(), network: network.option, container, volumes };
      const command = (id: string) => commandLinesOf(engine).sidecar({ ...of, name: id });
      return startImageContainer({
        ...{ podDirectory: directory, name, engine, command },
        variables: container.env ?? [],
        hasVolumes: false,
      });
    }
    const mounts = hostMounts(directory, volumes, container.volumeMounts ?? [], sources);
    if (isFromImage) {
      const of = {
        ...this.#place(),
        network: network.option,
        ...{ container, mounts, root: rootOf(directory, name), env: env(name) },
        imageVariables: engine.inPlace?.[container.image ?? ''],
      };
      const command = (id: string) => commandLinesOf(engine).agent({ ...of, name: id });
      return startImageContainer({
        ...{ podDirectory: directory, name, engine, command },
        variables: variablesOf(of),
        hasVolumes: true,
      });
    }
    const options = { podDirectory: directory, name, container, mounts, programs };
    const enter = network?.enter;
    return startContainer({ ...options, sandbox: sandbox(name), enter, env: env(name) });
  }

  async #killContainer({ name, pid, supervisor, remove }: RunningContainer): Promise<void> {
    await remove?.();
    if (!HAS_PROC && pid !== undefined) killGroup(pid);
    await killAll({
      directories: [rootOf(this.#options.directory, name)],
      supervisors: supervisor === undefined ? [] : [supervisor],
    });
  }

  /** Volumes that a native sidecar still uses. */
  #sidecarVolumes(): ReadonlySet<string> {
    const containers = initContainersOf(this.#options.template).filter(([name]) =>
      this.#sidecars.some((sidecar) => sidecar.name === name),
    );
    const mounts = containers.flatMap(([, { volumeMounts = [] }]) => volumeMounts);
    return new Set(mounts.map(({ name }) => name));
  }
}

/** Sends SIGTERM to each container. Resolves when all have ended or the grace period is over. */
async function terminateAll(
  containers: readonly RunningContainer[],
  grace: AbortSignal,
): Promise<void> {
  if (grace.aborted) return;
  const over = new AbortController();
  const signal = AbortSignal.any([grace, over.signal]);
  const asked = containers.flatMap(({ pid, remove, hasVolumes }) => {
    if (pid === undefined) return [];
    // A sidecar need not save files that are lost with it. The signal is forwarded to an agent in an image.
    return [remove === undefined || hasVolumes ? terminate(pid, signal) : remove()];
  });
  const all = Promise.allSettled(containers.map(({ ended }) => ended));
  const late = delay(GRACE_MS, undefined, { signal }).catch(() => {});
  await Promise.race([all, late]);
  over.abort();
  await Promise.all(asked);
}
