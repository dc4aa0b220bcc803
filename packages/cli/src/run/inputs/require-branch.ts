import { shellWord } from '@agentteam/text';
import { execa } from 'execa';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';

const MOST_SHOWN = 10;

/**
 * Requires that the HEAD of a user's repository leads to a branch with a commit, which a run starts from if the team
 * names no branch. Later, only the copy that a rehearsal makes could be named.
 * @throws Failure when HEAD is detached, or its branch has no commit although others have.
 */
export async function requireBranch(directory: string, env: Context['env']): Promise<void> {
  const git = async (...args: readonly string[]) =>
    execa('git', ['-C', directory, ...args], {
      env: { ...env, LC_ALL: 'C', GIT_NO_LAZY_FETCH: '1' },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
    });
  const listed = await git('for-each-ref', '--format=%(refname)', 'refs/heads');
  const refs = listed.stdout.split('\n').filter(Boolean);
  // An empty or unreadable repository has another message.
  if (listed.exitCode !== 0 || refs.length === 0) return;
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
