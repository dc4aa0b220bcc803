import { LEAD } from '@agentteam/contract';
import { teamRef } from '../git/branches.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import { explainRemoteError } from '../git/remote/explain.ts';
import { pushLfs, usesLfs } from '../git/remote/lfs.ts';
import { pushToResultBranch } from '../git/remote/push.ts';
import type { TeamRepository } from '../git/repository.ts';
import { type GitOptions, gitLine } from '../git/run.ts';
import { readPushes, recordPush } from '../records/pushes.ts';

/**
 * Pushes the result to its branch, unless the remote has it already.
 * @param clean git options for a clean clone, which has the commit.
 * @throws StepFailure when the remote refuses, or its branch has commits of other people or of a run that was
 *   delivered meanwhile.
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
  const remoteTip = await tipOf(repository, access, clean);
  if (remoteTip === commit) return;
  const { state, resultAtStart, resultBranch } = repository;
  const own = await readPushes(state);
  await recordPush(state, commit);
  const push = {
    commit,
    remoteTip,
    dryRun: false,
    ...(resultAtStart?.branch === resultBranch && {
      replaceable: [...own, resultAtStart.commit ?? []].flat(),
    }),
  };
  await pushToResultBranch(repository, push, access, clean);
}

async function tipOf(
  { resultBranch }: TeamRepository,
  { remote, config, env }: RemoteAccess,
  clean: GitOptions,
): Promise<string | undefined> {
  const args = ['ls-remote', '--', remote.url, `refs/heads/${resultBranch}`];
  try {
    const listed = await gitLine(args, { ...clean, config, env: { ...clean.env, ...env } });
    return listed.split(/\s/, 1)[0] || undefined;
  } catch (error) {
    throw explainRemoteError(error, remote, 'push');
  }
}
