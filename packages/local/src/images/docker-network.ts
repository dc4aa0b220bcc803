import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Container, UserContainer } from '@agentteam/argo';
import { RUNTIME } from '@agentteam/contract';
import type { HostMount } from '../sandbox/bubblewrap.ts';
import { HOST_NAME } from '../sandbox/isolation.ts';
import { engineUser, restrictedDockerRun } from './docker.ts';
import {
  bind,
  type ContainerPlace,
  call,
  type ImageEngine,
  removeCommand,
} from './image-engine.ts';
import { PodNetworkError } from './pod-network.ts';

/** Holds the namespace until its stdin ends, which is when the engine has been killed. */
const HOLD = 'echo held; read -r';
const SHELL = `${RUNTIME.directory}/${RUNTIME.inside.programs}/bash`;

export interface NetworkHolder extends Omit<ContainerPlace, 'network'> {
  /** The agent of the pod: the holder runs a shell of the runtime in the agent's image. */
  readonly container: Container | UserContainer;
  readonly mounts: readonly HostMount[];
}

/**
 * The network of a pod whose containers Docker runs. Docker's containers can only join the network of another
 * container, so one without a program of its own holds it. It has only a loopback interface. The sandbox
 * cannot join it: only root can enter a namespace of Docker.
 */
export class DockerNetwork {
  readonly enter = undefined;
  readonly #engine: ImageEngine;
  readonly #name: string;
  readonly #client: ChildProcessByStdio<Writable, Readable, Readable>;

  private constructor(
    engine: ImageEngine,
    name: string,
    client: ChildProcessByStdio<Writable, Readable, Readable>,
  ) {
    this.#engine = engine;
    this.#name = name;
    this.#client = client;
  }

  /** @throws PodNetworkError */
  static async open(engine: ImageEngine, holder: NetworkHolder): Promise<DockerNetwork> {
    const { container, mounts, name } = holder;
    const runtime = mounts.filter(({ path }) => path === RUNTIME.directory);
    const [program = '', ...args] = [
      ...restrictedDockerRun({ ...holder, network: 'none' }),
      ...['--interactive', '--read-only', '--hostname', HOST_NAME, ...engineUser()],
      ...runtime.flatMap(bind),
      ...['--entrypoint', SHELL, container.image ?? '', '-c', HOLD],
    ];
    await call(engine, removeCommand(engine, name));
    const client = spawn(program, args, {
      env: { ...engine.env },
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    client.stdin.on('error', () => {});
    let problem = '';
    client.stderr.setEncoding('utf8').on('data', (text: string) => {
      problem += text;
    });
    const held = once(client.stdout, 'data').then(() => true);
    const ended = once(client, 'close').then(() => false);
    const holds = await Promise.race([held, ended]).catch((error: Error) => {
      throw new PodNetworkError(error.message);
    });
    if (!holds) throw new PodNetworkError(problem.trim());
    return new DockerNetwork(engine, name, client);
  }

  /** Value of the option `--network` of a container that joins it. */
  get option(): string {
    return `container:${this.#name}`;
  }

  async close(): Promise<void> {
    this.#client.stdin.end();
    await call(this.#engine, removeCommand(this.#engine, this.#name));
  }
}
