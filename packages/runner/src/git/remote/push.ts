import type { TeamRepository } from '../repository.ts';
import { type GitOptions, git } from '../run.ts';
import type { RemoteAccess } from './access.ts';
import { explainRemoteError } from './explain.ts';
import { localReceiver } from './local-receiver.ts';
import { assertNotOvertaken, assertReplaceable, REMOTE_REF } from './replaceable.ts';

export interface ResultPush {
  readonly commit: string;
  /** The commit that the branch has at the remote, or undefined if the remote has no such branch. */
  readonly remoteTip: string | undefined;
  /** The commits of this team that the push may replace. @default all */
  readonly replaceable?: readonly string[];
  /** Ask the remote whether it would take the push, and change nothing there. */
  readonly dryRun: boolean;
}

/**
 * Pushes a commit to the team's result branch. The push fails if somebody else has pushed there since `remoteTip`
 * was read.
 * @param local git options for a repository that has the commit.
 * @throws StepFailure when the remote refuses, or its branch has commits of other people.
 */
export async function pushToResultBranch(
  repository: TeamRepository,
  { commit, remoteTip, replaceable, dryRun }: ResultPush,
  { remote, config, env }: RemoteAccess,
  local: GitOptions,
): Promise<void> {
  const options = { ...local, config, env: { ...local.env, ...env } };
  const ref = `refs/heads/${repository.resultBranch}`;
  const receiver =
    remote.kind === 'local'
      ? await localReceiver(remote.path, repository.resultBranch, local.signal)
      : undefined;
  try {
    if (remoteTip !== undefined) {
      const fetch = ['fetch', '--quiet', '--no-tags', '--', remote.url, `+${ref}:${REMOTE_REF}`];
      await git(fetch, options);
      await assertReplaceable(repository, commit, local);
      if (replaceable?.includes(remoteTip) === false) {
        await assertNotOvertaken(repository, commit, local);
      }
    }
    const lease = `--force-with-lease=${ref}:${remoteTip ?? ''}`;
    const flags = [
      ...(dryRun ? ['--dry-run'] : []),
      ...(receiver === undefined ? [] : [`--receive-pack=${receiver}`]),
    ];
    const push = ['push', '--quiet', '--no-verify', ...flags, lease];
    await git([...push, '--', remote.url, `${commit}:${ref}`], options);
  } catch (error) {
    throw explainRemoteError(error, remote, 'push');
  } finally {
    await git(['update-ref', '-d', REMOTE_REF], local);
  }
}
