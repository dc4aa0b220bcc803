import { constants, cp, lstat, mkdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { storageErrorOf } from '@agentteam/volume';
import { ExecaError, execa } from 'execa';
import { usageError } from '../../failure.ts';
import { withoutCommit } from './require-branch.ts';

/** Environment of git for the commits that a rehearsal starts from. */
const GIT_ENVIRONMENT = {
  GIT_AUTHOR_NAME: 'agentteam',
  GIT_AUTHOR_EMAIL: 'agentteam@localhost',
  GIT_COMMITTER_NAME: 'agentteam',
  GIT_COMMITTER_EMAIL: 'agentteam@localhost',
  // The user's hooks, commit signing and templates must not apply.
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  // A repository that lacks objects can name a program that fetches them.
  GIT_NO_LAZY_FETCH: '1',
};

/**
 * Makes a repository for a rehearsal. It is bare, so that results can be pushed to it.
 * @param source a directory or a git working tree; undefined for an empty repository.
 * @param target path of the new repository, which must not exist.
 * @returns the URL to clone from.
 */
export async function makeRepository(
  source: string | undefined,
  target: string,
  branch: string,
): Promise<string> {
  const bare = `${target}.git`;
  if (source !== undefined && (await isRepository(source))) {
    await cloneTrusted(source, bare);
    return bare;
  }
  await mkdir(target, { recursive: true });
  if (source !== undefined) await cp(source, target, { recursive: true });
  await git(['init', '--quiet', `--initial-branch=${branch}`, target]);
  await git(['-C', target, 'add', '--all']);
  await git(['-C', target, 'commit', '--quiet', '--allow-empty', '--message', 'Start']);
  await git(['clone', '--quiet', '--bare', target, bare]);
  return bare;
}

/**
 * Clones a repository that may belong to another user, for which git needs `safe.directory`.
 * @throws Failure when git cannot read it, or it has no commit to start from.
 */
async function cloneTrusted(source: string, target: string): Promise<void> {
  const config = `${target}.gitconfig`;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(config, '[safe]\n\tdirectory = *\n');
  let first: string;
  try {
    const trusting = { GIT_CONFIG_GLOBAL: config };
    await git(['clone', '--quiet', '--bare', source, target], trusting);
    // A clone on the same disk does not look at the objects.
    first = await git(['-C', target, 'for-each-ref', '--count=1', 'refs/heads'], trusting);
    await copyLargeFiles(source, target, trusting);
  } catch (error) {
    if (!(error instanceof ExecaError) || storageErrorOf(error) !== undefined) throw error;
    const lines = String(error.stderr).trim().split('\n');
    throw usageError(
      `git cannot clone the repository ${source}: ${lines.find((line) => line.startsWith('fatal: ')) ?? lines[0]}`,
      'Look at it with git status and git fsck there, or give another clone.',
    );
  } finally {
    await rm(config);
  }
  if (first === '') throw withoutCommit(source);
}

/** Where Git LFS stores a file: `/ab/cd/<id>`. */
const STORED = /^(\/[0-9a-f]{2}(\/[0-9a-f]{2}(\/[0-9a-f]{64})?)?)?$/;

/** Git does not clone the files of Git LFS, which setup fetches from the clone. */
async function copyLargeFiles(
  source: string,
  clone: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  // Worktrees of a repository share these files.
  const common = await git(['-C', source, 'rev-parse', '--git-common-dir'], env);
  const files = join(resolve(source, common), 'lfs', 'objects');
  const target = join(clone, 'lfs', 'objects');
  const mode = constants.COPYFILE_FICLONE;
  const found = await realpath(files).catch(() => undefined);
  if (found === undefined) return;
  // A link could let the push at the end of a rehearsal write elsewhere, and the directory itself could be any of the
  // user's.
  const filter = async (path: string) => {
    const stat = await lstat(path);
    const isKind =
      path.length > found.length + '/ab/cd'.length ? stat.isFile() : stat.isDirectory();
    return isKind && STORED.test(path.slice(found.length));
  };
  await cp(found, target, { recursive: true, mode, filter });
}

export async function isRepository(directory: string): Promise<boolean> {
  // Git itself would also accept a directory that is merely inside a repository.
  const candidates = [join(directory, '.git'), join(directory, 'HEAD')];
  const found = await Promise.all(candidates.map((path) => stat(path).catch(() => undefined)));
  return found.some((entry) => entry !== undefined);
}

async function git(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await execa('git', [...args], {
    env: { ...GIT_ENVIRONMENT, ...env },
    stdin: 'ignore',
  });
  return stdout;
}
