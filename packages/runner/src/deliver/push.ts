import { EXIT, LEAD } from '@agentteam/contract';
import { isAncestor } from '../git/commits.ts';
import { isOwnCommit } from '../git/identity.ts';
import { teamRef } from '../git/places.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import { explainRemoteError } from '../git/remote/explain.ts';
import { pushLfs, usesLfs } from '../git/remote/lfs.ts';
import type { TeamRepository } from '../git/repository.ts';
import { type GitOptions, git, gitLine } from '../git/run.ts';
import { StepFailure } from '../step/failure.ts';

/**
 * Pushes the result.
 * @param clean options of a call in a clean clone, which has the commit.
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
    const there = listed.split(/\s/, 1)[0] ?? '';
    if (there === commit) return;
    if (there !== '') {
      const args = ['fetch', '--quiet', '--no-tags', '--', remote.url, `+${ref}:refs/there`];
      await git(args, remoteOptions);
      await assertReplaceable(repository, commit, clean);
    }
    // Only if nobody else has moved it in between.
    const lease = `--force-with-lease=${ref}:${there}`;
    await git(
      ['push', '--quiet', '--no-verify', lease, '--', remote.url, `${commit}:${ref}`],
      remoteOptions,
    );
  } catch (error) {
    throw explainRemoteError(error, remote, 'push');
  }
}

/** An earlier run's result may be replaced; what people have put on the branch may not. */
export async function assertReplaceable(
  { ref, base, resultBranch }: TeamRepository,
  commit: string,
  options: GitOptions,
): Promise<void> {
  if (await isAncestor('refs/there', commit, options)) return;
  const args = ['log', '--format=%h %ce %s', 'refs/there', `^${commit}`, `^${base}`];
  const lines = (await gitLine(args, options)).split('\n').filter((line) => line !== '');
  const others = lines.filter((line) => !isOwnCommit(ref, line.split(' ')[1] ?? ''));
  if (others.length === 0) return;
  throw new StepFailure(
    `The branch ${resultBranch} at the remote has commits that are not this team's, and pushing would lose them. Merge or rename it there, or set lifecycle.consolidatedBranchTemplate.\n${others.slice(0, 10).join('\n')}`,
    EXIT.refused,
  );
}
