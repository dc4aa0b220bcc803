import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { findCommit, isAncestor } from '../git/commits.ts';
import { isOwnCommit } from '../git/identity.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import { explainRemoteError } from '../git/remote/explain.ts';
import { pushLfs, usesLfs } from '../git/remote/lfs.ts';
import type { TeamRepository } from '../git/repository.ts';
import { type GitOptions, git, gitLine } from '../git/run.ts';
import { StepFailure } from '../step/failure.ts';

/**
 * Pushes the result. The credentials are in this process, and the shared clone is any agent's to
 * write: so the commits are first fetched into a clone of this step's own (which also checks every
 * object), and pushed from there.
 * @param commit what the lead's step recorded; the branch's own word for it is not enough.
 */
export async function pushResult(
  repository: TeamRepository,
  commit: string,
  access: RemoteAccess,
  signal: AbortSignal,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'agentteam-deliver-'));
  try {
    const options: GitOptions = { cwd: directory, signal };
    await git(['init', '--quiet', '--bare', '--template='], options);
    await takeFromStore(repository, commit, options);
    if (await usesLfs(commit, options)) {
      await git(['update-ref', 'refs/heads/result', commit], options);
      await pushLfs('refs/heads/result', repository.store, access, options);
    }
    await pushFrom(repository, commit, access, options);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function takeFromStore(
  { store, resultBranch, base }: TeamRepository,
  commit: string,
  options: GitOptions,
): Promise<void> {
  const from = `+refs/heads/${resultBranch}:refs/taken`;
  const args = ['fetch', '--quiet', '--no-tags', '--update-shallow', '--', store, from];
  await git(args, options);
  const taken = await findCommit('refs/taken', options);
  const known = taken !== undefined && (await findCommit(commit, options)) === commit;
  if (!known || !(await isAncestor(commit, taken, options))) {
    throw new StepFailure(
      `The branch ${resultBranch} is not what the lead's step left: ${commit} is not on it.`,
      EXIT.refused,
    );
  }
  if (!(await isAncestor(base, commit, options))) {
    throw new StepFailure(
      `${resultBranch} does not begin at ${base}, where the team began.`,
      EXIT.refused,
    );
  }
}

async function pushFrom(
  repository: TeamRepository,
  commit: string,
  { remote, config, env }: RemoteAccess,
  options: GitOptions,
): Promise<void> {
  const remoteOptions = { ...options, config, env };
  const ref = `refs/heads/${repository.resultBranch}`;
  try {
    const listed = await gitLine(['ls-remote', '--', remote.url, ref], remoteOptions);
    const there = listed.split(/\s/, 1)[0] ?? '';
    if (there === commit) return;
    if (there !== '') {
      const args = ['fetch', '--quiet', '--no-tags', '--', remote.url, `+${ref}:refs/there`];
      await git(args, remoteOptions);
      await assertReplaceable(repository, commit, options);
    }
    // Only if nobody else has moved it in between.
    const lease = `--force-with-lease=${ref}:${there}`;
    await git(
      ['push', '--quiet', '--no-verify', lease, '--', remote.url, `${commit}:${ref}`],
      remoteOptions,
    );
  } catch (error) {
    throw explainRemoteError(error, remote);
  }
}

/** An earlier run's result may be replaced; what people have put on the branch may not. */
async function assertReplaceable(
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
