import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A daemon of Docker with images of its own, which every user of this machine may use. */
export interface TestDocker {
  readonly env: Readonly<Record<string, string>>;
  /** Runs docker. @returns its output. */
  call(...args: readonly string[]): string;
  /** Makes an image of a directory. @param changes as of a Dockerfile: `ENV PATH=/bin`. */
  makeImage(name: string, root: string, ...changes: readonly string[]): void;
  /** Ends the daemon and removes everything. */
  close(): Promise<void>;
}

/** It changes nothing in the network of this machine, and needs no overlay mounts. */
const OPTIONS = [
  ...['--iptables=false', '--ip6tables=false', '--ip-masq=false', '--ip-forward=false'],
  ...['--bridge=none', '--storage-driver=vfs'],
];

/** The end of its start, in its log. */
const LISTENS = 'API listen on';

/** Starts the daemon, as root. */
export async function testDocker(): Promise<TestDocker> {
  const directory = mkdtempSync(join(tmpdir(), 'docker-'));
  chmodSync(directory, 0o755);
  const socket = join(directory, 'docker.sock');
  const daemon = spawn(
    'dockerd',
    [
      ...OPTIONS,
      ...['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'run')],
      ...['--pidfile', join(directory, 'pid'), '--host', `unix://${socket}`],
    ],
    {
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = once(daemon, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: daemon.stderr })) {
    lines.push(line);
    if (line.includes(LISTENS)) break;
  }
  daemon.stderr.resume();
  if (!lines.at(-1)?.includes(LISTENS)) throw new Error(lines.slice(-5).join('\n'));
  chmodSync(socket, 0o666);
  const env = {
    PATH: process.env['PATH'] ?? '',
    DOCKER_HOST: `unix://${socket}`,
    DOCKER_CONFIG: join(directory, 'config'),
  };
  mkdirSync(env.DOCKER_CONFIG);
  const call = (...args: readonly string[]) =>
    execFileSync('docker', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    env,
    call,
    makeImage: (name, root, ...changes) => {
      const archive = join(directory, 'image.tar');
      chmodSync(root, 0o755);
      execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '-cf', archive, '.']);
      call('import', ...changes.flatMap((one) => ['--change', one]), archive, name);
      rmSync(archive);
    },
    close: async () => {
      daemon.kill();
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
