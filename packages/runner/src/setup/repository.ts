import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ENV, EXIT, PATHS, type RepositoryRef, type SetupSpec, under } from '@agentteam/contract';
import { type HeldLock, writeJson } from '@agentteam/volume';
import { withRemoteAccess } from '../git/remote/access.ts';
import { listRemote } from '../git/remote/refs.ts';
import { openRepository, RECORD_FILE } from '../git/repository.ts';
import type { Claim } from '../step/claim.ts';
import { StepFailure } from '../step/failure.ts';
import { createBase } from './base.ts';
import { checkDelivery } from './delivery/check.ts';
import { checkPlacedFiles } from './placed-files.ts';
import { announceChecks } from './required-checks.ts';
import { checkUsable } from './usable.ts';
import { createWorktrees } from './worktrees.ts';

/** Sets up a coding team: the base and its record, and a repository and worktree for each member. */
export async function setUpRepository(
  env: NodeJS.ProcessEnv,
  claim: Claim,
  spec: SetupSpec & { readonly repository: RepositoryRef },
  lock: HeldLock,
  signal: AbortSignal,
): Promise<void> {
  const root = env[ENV.root] ?? '';
  const { repository } = spec;
  const credentials = under(root, `${PATHS.credentials}/git`);
  const directory = await realpath(under(root, PATHS.repository));
  await withRemoteAccess(env, repository.url, credentials, async (access) => {
    if (access.remote.kind === 'local' && env[ENV.engine] !== 'local') {
      const message =
        'A pod cannot reach a local path: set repository.url to an http(s) or ssh URL.';
      throw new StepFailure(message, EXIT.invalid);
    }
    const refs = await listRemote(access, { cwd: directory, signal });
    const record = await createBase(directory, repository.branch, access, refs, signal);
    lock.assertHeld();
    const commit = refs.branches.get(repository.resultBranch);
    const resultAtStart = { branch: repository.resultBranch, ...(commit && { commit }) };
    await writeJson(join(claim.directories.state, RECORD_FILE), { ...record, resultAtStart });
    const opened = await openRepository(root, spec, claim.directories.state);
    await checkUsable(opened, repository.url, signal);
    await checkPlacedFiles(root, opened, spec.files ?? [], signal);
    await checkDelivery(env, spec, opened, access, refs, signal);
    await createWorktrees(opened, access, signal);
    await announceChecks(opened, spec.required ?? [], env['PATH'] ?? '');
  });
}
