import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** Who made the commits that a rehearsal starts from. */
const IDENTITY = {
  GIT_AUTHOR_NAME: 'agentteam',
  GIT_AUTHOR_EMAIL: 'agentteam@localhost',
  GIT_COMMITTER_NAME: 'agentteam',
  GIT_COMMITTER_EMAIL: 'agentteam@localhost',
  // The user's own hooks, signing and templates must not play a part.
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
};

/**
 * A git repository to rehearse on, bare, so that results can be pushed to it.
 * @param source a plain directory or a git working tree; absent: the repository begins empty.
 * @param target where to make it; must not exist.
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

/** git asks in a process of its own whether it may read a repository of another user. */
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
  // Its own `.git`: a directory inside somebody's repository is a plain directory here.
  const candidates = [join(directory, '.git'), join(directory, 'HEAD')];
  const found = await Promise.all(candidates.map((path) => stat(path).catch(() => undefined)));
  return found.some((entry) => entry !== undefined);
}

async function git(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await execa('git', [...args], { env: { ...IDENTITY, ...env }, stdin: 'ignore' });
}
