import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ImageEngine } from './image-engine.ts';

/** Holds the namespace until its stdin ends, which is when the engine ends it, or has been killed. */
const HOLD = 'echo $$; exec cat';

/** Thrown when this machine cannot make a network that podman and the sandbox share. */
export class PodNetworkError extends Error {}

/**
 * The network of a pod with containers from images: a namespace with only a loopback interface, which a
 * process holds. Podman's containers and the agent's sandbox join it, and can reach each other on loopback as
 * in a pod on a cluster. The gateway is outside.
 *
 * Where the engine does not run as root, the namespace belongs to podman's own user namespace. Only from there
 * may podman join it, and its owner may enter both.
 */
export class PodNetwork {
  readonly #holder: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #pid: number;

  private constructor(holder: ChildProcessByStdio<Writable, Readable, Readable>, pid: number) {
    this.#holder = holder;
    this.#pid = pid;
  }

  /** @throws PodNetworkError */
  static async open({ env }: ImageEngine): Promise<PodNetwork> {
    // Bubblewrap also brings the loopback up.
    const namespace = ['bwrap', '--unshare-net', '--dev-bind', '/', '/', '--', 'sh', '-c', HOLD];
    const [program = '', ...args] = isRoot() ? namespace : ['podman', 'unshare', ...namespace];
    const holder = spawn(program, args, {
      env: { ...env },
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    holder.stdin.on('error', () => {});
    let problem = '';
    holder.stderr.setEncoding('utf8').on('data', (text: string) => {
      problem += text;
    });
    const line = once(holder.stdout.setEncoding('utf8'), 'data') as Promise<[string]>;
    const ended = once(holder, 'close').then(() => undefined);
    const first = await Promise.race([line, ended]).catch((error: Error) => {
      throw new PodNetworkError(error.message);
    });
    if (first === undefined) throw new PodNetworkError(problem.trim());
    return new PodNetwork(holder, Number(first[0]));
  }

  /** Value of the option `--network` of a container that joins it. */
  get option(): string {
    return `ns:/proc/${this.#pid}/ns/net`;
  }

  /** The beginning of a command line that runs the rest of it in this network. */
  get enter(): readonly string[] {
    const user = isRoot() ? [] : ['--user', '--preserve-credentials'];
    return ['nsenter', '--target', String(this.#pid), ...user, '--net', '--'];
  }

  async close(): Promise<void> {
    this.#holder.stdin.end();
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
