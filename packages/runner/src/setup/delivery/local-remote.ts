import { access, constants } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { inLocalRemote } from '../../git/remote/local-receiver.ts';
import { type GitOptions, gitLine } from '../../git/run.ts';
import { StepFailure } from '../../step/failure.ts';

/**
 * Checks that a repository on this machine would accept a branch. `git push --dry-run` does not check
 * this. None of the repository's filters is run, so its files are not looked at.
 * @param path path of the repository, bare or with a working tree.
 * @throws StepFailure when it would not.
 */
export async function checkLocalRemote(
  path: string,
  branch: string,
  signal: AbortSignal,
): Promise<void> {
  const remote = await inLocalRemote(path, signal);
  // A worktree of a repository shares these directories with it.
  const directory = resolve(path, await gitLine(['rev-parse', '--git-common-dir'], remote));
  for (const name of ['objects', 'refs']) {
    await access(join(directory, name), constants.W_OK).catch((error: unknown) => {
      const message = `${join(directory, name)} is not writable, so the result could not be pushed: grant yourself write access, or name another repository.`;
      throw new StepFailure(message, EXIT.refused, error);
    });
  }
  const checkedOut = await checkedOutAt(branch, remote);
  if (checkedOut === undefined) return;
  throw new StepFailure(
    `The branch ${branch} is checked out in ${checkedOut}, so the result could not be pushed: switch to another branch there, or set lifecycle.consolidatedBranchTemplate.`,
    EXIT.invalid,
  );
}

/** The working tree in which a branch is checked out. */
async function checkedOutAt(branch: string, remote: GitOptions): Promise<string | undefined> {
  const list = await gitLine(['worktree', 'list', '--porcelain'], remote);
  for (const entry of list.split('\n\n')) {
    const [, directory] = /^worktree (.+)$/m.exec(entry) ?? [];
    const isHere = /^branch refs\/heads\/(.+)$/m.exec(entry)?.[1] === branch;
    if (isHere && !/^bare$/m.test(entry)) return directory;
  }
  return undefined;
}
