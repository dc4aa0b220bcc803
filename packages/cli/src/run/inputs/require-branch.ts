import { shellWord } from '@agentteam/text';
import { execa } from 'execa';
import type { Context } from '../../context.ts';
import { type Failure, usageError } from '../../failure.ts';

const MOST_SHOWN = 10;

/**
 * Requires that a user's repository has a branch to start from. Later, only the copy that a rehearsal makes could be
 * named.
 * @param branch the branch that the team names. Without it, HEAD must lead to a branch with a commit.
 * @throws Failure when no branch has a commit, HEAD is detached, or its branch has no commit although others have.
 */
export async function requireBranch(
  directory: string,
  branch: string | undefined,
  env: Context['env'],
): Promise<void> {
  const git = async (...args: readonly string[]) =>
    execa('git', ['-C', directory, ...args], {
      env: { ...env, LC_ALL: 'C', GIT_NO_LAZY_FETCH: '1' },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
    });
  const listed = await git('for-each-ref', '--format=%(refname)', 'refs/heads');
  const refs = listed.stdout.split('\n').filter(Boolean);
  // The clone of an unreadable repository fails with git's own reason.
  if (listed.exitCode !== 0) return;
  if (refs.length === 0) throw withoutCommit(directory);
  if (branch !== undefined) return;
  const { stdout: head } = await git('symbolic-ref', '--quiet', 'HEAD');
  if (refs.includes(head)) return;
  const branches = refs.map((ref) => ref.slice('refs/heads/'.length));
  const why =
    head === ''
      ? 'its HEAD is detached'
      : `its branch ${head.slice('refs/heads/'.length)} has no commit`;
  const more = branches.length > MOST_SHOWN ? ` and ${branches.length - MOST_SHOWN} more` : '';
  const shown = `${branches.slice(0, MOST_SHOWN).join(', ')}${more}`;
  throw usageError(
    `the repository ${directory} has no branch to start from, because ${why}`,
    `Check out a branch there, for example: git -C ${shellWord(directory)} switch ${shellWord(branches[0] ?? '')}\n  Or set repository.branch in the team file to one of its branches: ${shown}`,
  );
}

export function withoutCommit(repository: string): Failure {
  return usageError(
    `the repository ${repository} has no branch with a commit`,
    'Make a first commit there: git commit --allow-empty -m Start',
  );
}
