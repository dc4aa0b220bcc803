import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Podman } from '../../src/index.ts';

/** Podman with images of its own, which are made of this machine's programs: no registry is needed. */
export interface TestPodman extends Podman {
  readonly env: Readonly<Record<string, string>>;
  /** Runs podman. @returns its output. */
  call(...args: readonly string[]): string;
  /** Makes an image of a directory. */
  makeImage(name: string, root: string): void;
  /** Removes everything. */
  close(): void;
}

/** As root in a container, podman may neither raise limits nor use cgroups of version 2. */
const SETTINGS = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
`;

export function testPodman(): TestPodman {
  const directory = mkdtempSync(join(tmpdir(), 'podman-'));
  const settings = join(directory, 'containers.conf');
  const storage = join(directory, 'storage.conf');
  writeFileSync(settings, SETTINGS);
  // Overlay mounts are not possible on every file system; the driver vfs copies instead.
  writeFileSync(
    storage,
    `[storage]\ndriver = "vfs"\ngraphroot = "${directory}/graph"\nrunroot = "${directory}/run"\n`,
  );
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    CONTAINERS_CONF: settings,
    CONTAINERS_STORAGE_CONF: storage,
  };
  const call = (...args: readonly string[]) =>
    execFileSync('podman', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    env,
    call,
    makeImage: (name, root) => {
      const archive = join(directory, 'image.tar');
      chmodSync(root, 0o755);
      execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '-cf', archive, '.']);
      call('import', '--quiet', archive, name);
      rmSync(archive);
    },
    close: () => {
      call('rm', '--all', '--force', '--time', '0');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A root file system with busybox, the one program of this machine that needs no library. */
export function busyboxRoot(directory: string): string {
  const programs = ['sh', 'nc', 'cat', 'id', 'grep', 'sleep', 'httpd', 'env', 'touch', 'ls'];
  mkdirSync(join(directory, 'bin'), { recursive: true });
  cpSync('/bin/busybox', join(directory, 'bin/busybox'));
  for (const name of programs) symlinkSync('busybox', join(directory, 'bin', name));
  mkdirSync(join(directory, 'data'));
  writeFileSync(join(directory, 'data/of-the-image'), '');
  return directory;
}

/** Copies a program or directory of this machine to the same path below a root, with its libraries. */
export function copyInto(root: string, path: string): void {
  const to = join(root, path);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(path, to, { recursive: true, dereference: true });
}
