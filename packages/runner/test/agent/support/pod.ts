import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type AgentSpec, ENV, type GatewaySpec, PATHS, VOLUME } from '@agentteam/contract';
import { CLAUDE } from '../../contract/member.ts';
import { RUNNER } from '../../support/programs.ts';
import { mount } from '../../support/team.ts';
import { type Image, inImage } from './image.ts';

export interface PodOptions {
  /** The directory of all pods. */
  readonly pods: string;
  /** The shared claim. */
  readonly volume: string;
  /** Further mounts: container path to directory. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly agent: AgentSpec;
  readonly gateway: GatewaySpec;
  readonly upstream: string;
  /** From 0. */
  readonly attempt: number;
  /** The runner's program. Default: the one that is shipped. */
  readonly main?: string;
  /** Runs the agent in this image, as a cluster does. Default: as the embedded engine, on this machine. */
  readonly image?: Image;
}

/** An agent's pod, as the embedded engine makes it: its runner and its gateway, each a process. */
export class Pod {
  readonly root: string;
  /** Resolves with the runner's exit code, or 128 + n for signal n, after the gateway has exited as well. */
  readonly exited: Promise<number>;
  readonly #agent: ChildProcess;
  #gateway: ChildProcess;
  readonly #startGateway: () => ChildProcess;
  #log = '';
  #look: () => void = () => {};

  private constructor(root: string, agent: ChildProcess, startGateway: () => ChildProcess) {
    this.root = root;
    this.#agent = agent;
    this.#startGateway = startGateway;
    this.#gateway = startGateway();
    for (const output of [agent.stdout, agent.stderr]) {
      output?.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString();
        this.#look();
      });
    }
    this.exited = this.#exit();
  }

  static async start(options: PodOptions): Promise<Pod> {
    const { agent, gateway, upstream, attempt, main = RUNNER } = options;
    // Each attempt has a new directory, as on a cluster.
    await mkdir(options.pods, { recursive: true });
    const root = await mkdtemp(join(options.pods, `${agent.name}-`));
    await mountAll(root, options);
    await mkdir(join(root, dirname(PATHS.terminationLog)), { recursive: true });
    await writeFile(join(root, PATHS.terminationLog), '');
    const env = {
      PATH: process.env['PATH'],
      [ENV.root]: root,
      [ENV.engine]: 'local',
      [ENV.gatewayPort]: '0',
      [ENV.statusPort]: '0',
      [ENV.upstream]: upstream,
      [ENV.claude]: CLAUDE,
      [ENV.attempt]: String(attempt),
    };
    const run = (command: string, spec: object): ChildProcess =>
      spawn(
        process.execPath,
        ['--conditions=source', '--disable-warning=ExperimentalWarning', main, command],
        { env: { ...env, [ENV.spec]: JSON.stringify(spec) }, stdio: 'pipe', detached: true },
      );
    const runAgent = (): ChildProcess => {
      if (options.image === undefined) return run('agent', agent);
      const [program = '', ...args] = inImage(options.image, root, mountsOf(options));
      const variables = { [ENV.spec]: JSON.stringify(agent), [ENV.attempt]: String(attempt) };
      const given = { ...options.image.variables, ...variables };
      return spawn(program, [...args, 'agent'], { env: given, stdio: 'pipe', detached: true });
    };
    const startGateway = () => {
      const child = run('gateway', gateway);
      child.stdout?.resume();
      child.stderr?.resume();
      return child;
    };
    return new Pod(root, runAgent(), startGateway);
  }

  async #exit(): Promise<number> {
    const [code, signal] = (await once(this.#agent, 'close')) as [number | null, string | null];
    await this.killGateway();
    return code ?? (signal === 'SIGKILL' ? 137 : 143);
  }

  /** The runner's output so far. */
  get log(): string {
    return this.#log;
  }

  /** Resolves when the runner has printed a text this many times. */
  async printed(text: string, times = 1): Promise<void> {
    while (this.#log.split(text).length <= times) {
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  /** Sends SIGTERM, as Kubernetes does to stop a container. */
  terminate(): Promise<number> {
    this.#agent.kill('SIGTERM');
    return this.exited;
  }

  /** Kills everything in the pod with SIGKILL, as if its node were lost. */
  async kill(): Promise<void> {
    const pids = [this.#agent.pid ?? 0, this.#gateway.pid ?? 0];
    for (const pid of withDescendants(pids)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // The process has exited by itself.
      }
    }
    await this.exited;
  }

  /** Kills only the gateway with SIGKILL. */
  async killGateway(): Promise<void> {
    const { exitCode, signalCode } = this.#gateway;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.#gateway, 'exit');
    this.#gateway.kill('SIGKILL');
    await gone;
  }

  /** Restarts the gateway, as the kubelet does with a native sidecar. */
  restartGateway(): void {
    this.#gateway = this.#startGateway();
  }

  /** The runner's termination message. */
  terminationMessage(): Promise<string> {
    return readFile(`${this.root}${PATHS.terminationLog}`, 'utf8');
  }

  /** The processes below the runner: the agent's process and what it started. */
  get processes(): readonly number[] {
    return withDescendants([this.#agent.pid ?? 0]).slice(1);
  }

  /** Resolves when all of these processes have exited. */
  async gone(pids: readonly number[]): Promise<void> {
    while (table().some(([pid = 0]) => pids.includes(pid))) await delay(20);
  }

  async remove(): Promise<void> {
    if (this.#agent.exitCode === null && this.#agent.signalCode === null) await this.kill();
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function mountAll(root: string, options: PodOptions): Promise<void> {
  for (const path of [PATHS.home, PATHS.gateway, PATHS.outputs, PATHS.skills]) {
    await mkdir(`${root}${path}`, { recursive: true });
  }
  for (const [path, place] of Object.entries(mountsOf(options))) await mount(root, path, place);
}

/** The directory at each container path. */
function mountsOf({ volume, agent, mounts = {} }: PodOptions): Readonly<Record<string, string>> {
  const shared = {
    [PATHS.teams]: VOLUME.teams,
    [PATHS.tasks]: VOLUME.tasks,
    [PATHS.session]: join(VOLUME.sessions, agent.name),
    [PATHS.state]: VOLUME.state,
    [PATHS.ownState]: join(VOLUME.state, agent.name),
    [PATHS.control]: VOLUME.control,
    [PATHS.ledger]: VOLUME.ledger,
    [PATHS.cache]: VOLUME.cache,
    [PATHS.repository]: VOLUME.repository,
    [PATHS.work]: join(VOLUME.work, agent.name),
  };
  const entries = Object.entries(shared).map(([path, place]) => [path, join(volume, place)]);
  return { ...Object.fromEntries(entries), ...mounts };
}

/** These processes, followed by all their descendants. */
function withDescendants(pids: readonly number[]): readonly number[] {
  const all = table();
  const found = [...pids];
  // The list grows while it is iterated.
  for (const parent of found) {
    for (const [pid = 0, ppid] of all) {
      if (ppid === parent && !found.includes(pid)) found.push(pid);
    }
  }
  return found;
}

/** The id and the parent's id of every process on this machine. */
function table(): readonly (readonly number[])[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
}
