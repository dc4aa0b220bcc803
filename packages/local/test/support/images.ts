import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageEngine } from '../../src/index.ts';

/** Podman with images of its own, which are made of this machine's programs: no registry is needed. */
export interface TestPodman extends ImageEngine {
  readonly env: Readonly<Record<string, string>>;
  /** Runs podman. @returns its output. */
  call(...args: readonly string[]): string;
  /** Makes an image of a directory. @param changes as of a Dockerfile: `ENTRYPOINT ["/run.sh"]`. */
  makeImage(name: string, root: string, ...changes: readonly string[]): void;
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

/** @param options `ownImages: false` uses the images of this machine, and leaves its containers alone. */
export function testPodman({ ownImages = true } = {}): TestPodman {
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
    ...(ownImages && { CONTAINERS_STORAGE_CONF: storage }),
  };
  const call = (...args: readonly string[]) =>
    execFileSync('podman', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    name: 'podman',
    env,
    call,
    makeImage: (name, root, ...changes) => {
      const archive = join(directory, 'image.tar');
      chmodSync(root, 0o755);
      execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '-cf', archive, '.']);
      call('import', '--quiet', ...changes.flatMap((one) => ['--change', one]), archive, name);
      rmSync(archive);
    },
    close: () => {
      if (ownImages) call('rm', '--all', '--force', '--time', '0');
      // Podman's own cleanup of a removed container may still write there.
      rmSync(directory, { recursive: true, force: true, maxRetries: 50 });
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

/** A root file system with all of busybox, and one program that this machine does not have. */
export function toolsRoot(directory: string): string {
  busyboxRoot(directory);
  for (const name of execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n')) {
    const link = join(directory, 'bin', name);
    if (name !== '' && !existsSync(link)) symlinkSync('busybox', link);
  }
  mkdirSync(join(directory, 'opt/tools'), { recursive: true });
  const tool = join(directory, 'opt/tools/only-in-the-image');
  writeFileSync(tool, '#!/bin/sh\nexec sha256sum "$@"\n', { mode: 0o755 });
  return directory;
}

/**
 * A root file system with the PostgreSQL of this machine. Like PostgreSQL's own image, it has an entrypoint that
 * creates the database below `$PGDATA`.
 */
export function postgresRoot(directory: string): string {
  busyboxRoot(directory);
  const [version = ''] = readdirSync(POSTGRES).sort().reverse();
  const programs = join(POSTGRES, version, 'bin');
  for (const name of ['postgres', 'initdb']) {
    copyInto(directory, join(programs, name));
    const libraries = execFileSync('ldd', [join(programs, name)], { encoding: 'utf8' });
    copyInto(directory, ...[...libraries.matchAll(/\/\S+/g)].map(([path]) => path));
  }
  for (const name of ['plpgsql.so', 'dict_snowball.so']) {
    copyInto(directory, join(POSTGRES, version, 'lib', name));
  }
  copyInto(directory, join('/usr/share/postgresql', version));
  copyInto(directory, '/usr/share/zoneinfo/UTC');
  mkdirSync(join(directory, 'etc'), { recursive: true });
  writeFileSync(join(directory, 'etc/passwd'), 'postgres:x:70:70::/:/bin/sh\n');
  const entrypoint = `#!/bin/sh -e
PATH=${programs}:$PATH
[ -s "$PGDATA/PG_VERSION" ] || initdb --auth trust --username postgres --no-sync
exec postgres -c unix_socket_directories= -c fsync=off`;
  writeFileSync(join(directory, 'entrypoint.sh'), entrypoint, { mode: 0o755 });
  return directory;
}

/** Where Debian puts each version of PostgreSQL. */
const POSTGRES = '/usr/lib/postgresql';

/** PostgreSQL's client on this machine. */
export function psqlProgram(): string {
  const [version = ''] = readdirSync(POSTGRES).sort().reverse();
  return join(POSTGRES, version, 'bin/psql');
}

/** Copies files and directories of this machine to the same paths below a root. */
function copyInto(root: string, ...paths: readonly string[]): void {
  execFileSync('cp', ['-rL', '--parents', ...paths, root]);
}
