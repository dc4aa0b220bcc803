import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** Environment of git for the commits that a rehearsal starts from. */
const GIT_ENVIRONMENT = {
  GIT_AUTHOR_NAME: 'agentteam',
  GIT_AUTHOR_EMAIL: 'agentteam@localhost',
  GIT_COMMITTER_NAME: 'agentteam',
  GIT_COMMITTER_EMAIL: 'agentteam@localhost',
  // The user's hooks, commit signing and templates must not apply.
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
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

/** Clones a repository that may belong to another user, for which git needs `safe.directory`. */
async function cloneTrusted(source: string, target: string): Promise<void> {
  const config = `${target}.gitconfig`;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(config, '[safe]\n\tdirectory = *\n');
  try {
    await git(['clone', '--quiet', '--bare', source, target], { GIT_CONFIG_GLOBAL: config });
  } finally {
    await rm(config);
  }
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
): Promise<void> {
  await execa('git', [...args], { env: { ...GIT_ENVIRONMENT, ...env }, stdin: 'ignore' });
}
