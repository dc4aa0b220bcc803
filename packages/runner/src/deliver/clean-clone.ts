import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { findCommit, isAncestor } from '../git/commits.ts';
import type { TeamRepository } from '../git/repository.ts';
import { GitError, type GitOptions, git } from '../git/run.ts';
import { StepFailure } from '../step/failure.ts';

/** Where the base is in a clean clone. Git LFS takes what is below for known to the remote. */
export const CLEAN_BASE = 'refs/remotes/origin/base';

/**
 * Runs `work` in a clone of this process's own, with the result and what it began from in it. This
 * process may hold credentials, and the shared clone is any agent's to write: so git never runs in
 * there, and reads neither its configuration nor its refs, hooks or attributes. Only its objects
 * are read, and those prove what they are: each is hashed again on its way into the clean clone.
 * @param commit what the lead's step recorded. No branch's word for it is asked.
 * @throws StepFailure with `EXIT.refused` where the shared clone has not got it whole and sound.
 */
export async function inCleanClone<T>(
  repository: TeamRepository,
  commit: string,
  signal: AbortSignal,
  work: (options: GitOptions) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'agentteam-deliver-'));
  try {
    const window = await openWindow(repository, join(directory, 'window.git'), signal);
    const clean = await initialize(join(directory, 'clean.git'), signal);
    await take(repository.base, CLEAN_BASE, window, clean, {});
    // Old history has faults that git knows of and people live with; what is new must have none.
    await take(commit, 'refs/heads/result', window, clean, { 'fetch.fsckObjects': 'true' });
    if (!(await isAncestor(repository.base, commit, clean))) {
      throw refused(`${commit} does not begin at ${repository.base}, where the team began.`);
    }
    // What git reads from the repository itself (`.lfsconfig`) is the base's, not an agent's.
    await git(['update-ref', '--no-deref', 'HEAD', repository.base], clean);
    return await work(clean);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A repository with nothing of its own, through which the shared clone's objects are seen. */
async function openWindow(
  { store, shallow }: TeamRepository,
  directory: string,
  signal: AbortSignal,
): Promise<GitOptions> {
  const options = await initialize(directory, signal);
  await mkdir(join(directory, 'objects', 'info'), { recursive: true });
  await writeFile(join(directory, 'objects', 'info', 'alternates'), `${join(store, 'objects')}\n`);
  if (shallow.length > 0) {
    await writeFile(join(directory, 'shallow'), shallow.map((id) => `${id}\n`).join(''));
  }
  return options;
}

async function initialize(directory: string, signal: AbortSignal): Promise<GitOptions> {
  await mkdir(directory);
  const options: GitOptions = { cwd: directory, signal };
  await git(['init', '--quiet', '--bare', '--template='], options);
  return options;
}

async function take(
  commit: string,
  ref: string,
  window: GitOptions,
  clean: GitOptions,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  if ((await findCommit(commit, window)) !== commit) {
    throw refused(`The shared clone has no commit ${commit}, which the lead's step left.`);
  }
  await git(['update-ref', 'refs/heads/taken', commit], window);
  const fetch = ['fetch', '--quiet', '--no-tags', '--update-shallow', '--', window.cwd];
  await git([...fetch, `+refs/heads/taken:${ref}`], { ...clean, config }).catch(
    (error: unknown) => {
      if (!(error instanceof GitError)) throw error;
      const words = `The objects of ${commit} in the shared clone are damaged, or such as git refuses`;
      throw refused(`${words}:\n${error.stderr}`, error);
    },
  );
}

function refused(words: string, cause?: unknown): StepFailure {
  return new StepFailure(words, EXIT.refused, cause);
}
