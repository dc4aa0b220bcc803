import { LEAD } from '@agentteam/contract';
import { teamRef } from '../git/branches.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import { explainRemoteError } from '../git/remote/explain.ts';
import { pushLfs, usesLfs } from '../git/remote/lfs.ts';
import { assertReplaceable } from '../git/remote/replaceable.ts';
import type { TeamRepository } from '../git/repository.ts';
import { type GitOptions, git, gitLine } from '../git/run.ts';

/**
 * Pushes the result to its branch.
 * @param clean git options for a clean clone, which has the commit.
 * @throws StepFailure when the remote refuses, or its branch has commits of other people.
 */
export async function pushResult(
  repository: TeamRepository,
  commit: string,
  access: RemoteAccess,
  clean: GitOptions,
): Promise<void> {
  if (await usesLfs(commit, clean)) {
    await pushLfs(teamRef(LEAD), access, clean);
  }
  const { remote, config, env } = access;
  const remoteOptions = { ...clean, config, env };
  const ref = `refs/heads/${repository.resultBranch}`;
  try {
    const listed = await gitLine(['ls-remote', '--', remote.url, ref], remoteOptions);
    const remoteTip = listed.split(/\s/, 1)[0] ?? '';
    if (remoteTip === commit) return;
    if (remoteTip !== '') {
      const args = [
        'fetch',
        '--quiet',
        '--no-tags',
        '--',
        remote.url,
        `+${ref}:refs/agentteam/remote`,
      ];
      await git(args, remoteOptions);
      await assertReplaceable(repository, commit, clean);
    }
    // Fail if somebody else has pushed to the branch in the meantime.
    const lease = `--force-with-lease=${ref}:${remoteTip}`;
    await git(
      ['push', '--quiet', '--no-verify', lease, '--', remote.url, `${commit}:${ref}`],
      remoteOptions,
    );
  } catch (error) {
    throw explainRemoteError(error, remote, 'push');
  }
}
