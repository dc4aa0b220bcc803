import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { type GitOptions, git, gitLine } from '../../git/run.ts';
import { StepFailure } from '../../step/failure.ts';

/** Values of `receive.denyCurrentBranch` with which git takes a branch that is checked out. */
const TAKEN = /^(ignore|warn|false|no|off|0|updateInstead)$/i;

/**
 * Sees whether a repository on this machine would take a branch: a dry run does not go that far.
 * @param path of the repository, bare or with a working tree.
 * @throws StepFailure where it would not.
 */
export async function checkLocalRemote(
  path: string,
  branch: string,
  signal: AbortSignal,
): Promise<void> {
  const there: GitOptions = { cwd: path, signal };
  const directory = await gitLine(['rev-parse', '--absolute-git-dir'], there);
  for (const name of ['objects', 'refs']) {
    await access(join(directory, name), constants.W_OK).catch((error: unknown) => {
      const words = `${join(directory, name)} cannot be written to, so the result could not be pushed there: give yourself the right to, or name another repository.`;
      throw new StepFailure(words, EXIT.refused, error);
    });
  }
  const checkedOut = await checkedOutAt(branch, there);
  if (checkedOut === undefined) return;
  const config = ['config', '--get', 'receive.denyCurrentBranch'];
  const rule = (await git(config, { ...there, accept: [0, 1] })).stdout.trim();
  const isClean = (await gitLine(['status', '--porcelain'], { ...there, cwd: checkedOut })) === '';
  if (TAKEN.test(rule) && (isClean || rule.toLowerCase() !== 'updateinstead')) return;
  const why = TAKEN.test(rule) ? ', with changes that are not committed' : '';
  throw new StepFailure(
    `The branch ${branch} is checked out in ${checkedOut}${why}, so git would not take the result: switch to another branch there, or set lifecycle.consolidatedBranchTemplate.`,
    EXIT.invalid,
  );
}

/** The working tree that a branch is checked out in. */
async function checkedOutAt(branch: string, there: GitOptions): Promise<string | undefined> {
  const list = await gitLine(['worktree', 'list', '--porcelain'], there);
  for (const entry of list.split('\n\n')) {
    const [, directory] = /^worktree (.+)$/m.exec(entry) ?? [];
    const isHere = /^branch refs\/heads\/(.+)$/m.exec(entry)?.[1] === branch;
    if (isHere && !/^bare$/m.test(entry)) return directory;
  }
  return undefined;
}
