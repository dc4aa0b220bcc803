import { inBase } from '../../git/options.ts';
import type { RemoteAccess } from '../../git/remote/access.ts';
import { explainRemoteError } from '../../git/remote/explain.ts';
import type { RemoteRefs } from '../../git/remote/refs.ts';
import { assertReplaceable } from '../../git/remote/replaceable.ts';
import type { TeamRepository } from '../../git/repository.ts';
import { git } from '../../git/run.ts';
import { checkLocalRemote } from './local-remote.ts';

/**
 * Checks that the result can be pushed, without pushing anything.
 * @throws StepFailure that names the cause.
 */
export async function checkPush(
  repository: TeamRepository,
  access: RemoteAccess,
  { branches }: RemoteRefs,
  signal: AbortSignal,
): Promise<void> {
  const { remote, config, env } = access;
  const { resultBranch, base } = repository;
  const options = inBase(repository, signal);
  const remoteOptions = { ...options, config, env: { ...options.env, ...env } };
  if (remote.kind === 'local') await checkLocalRemote(remote.path, resultBranch, signal);
  const ref = `refs/heads/${resultBranch}`;
  const remoteTip = branches.get(resultBranch) ?? '';
  try {
    if (remoteTip !== '') {
      const fetch = [
        'fetch',
        '--quiet',
        '--no-tags',
        '--',
        remote.url,
        `+${ref}:refs/agentteam/remote`,
      ];
      await git(fetch, remoteOptions);
      await assertReplaceable(repository, base, options);
    }
    const lease = `--force-with-lease=${ref}:${remoteTip}`;
    const push = ['push', '--quiet', '--dry-run', '--no-verify', lease, '--', remote.url];
    await git([...push, `${base}:${ref}`], remoteOptions);
  } catch (error) {
    throw explainRemoteError(error, remote, 'push');
  } finally {
    await git(['update-ref', '-d', 'refs/agentteam/remote'], options);
  }
}
