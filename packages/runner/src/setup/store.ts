import { chmod, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, REPOSITORY, type RepositoryRef } from '@agentteam/contract';
import { readUntrusted } from '@agentteam/volume';
import { inStore } from '../git/places.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import { explainRemoteError } from '../git/remote/explain.ts';
import { fetchLfs, LFS_CONFIG, usesLfs } from '../git/remote/lfs.ts';
import type { RepositoryRecord } from '../git/repository.ts';
import { GitError, type GitOptions, git, gitLine } from '../git/run.ts';
import { exists } from '../step/exists.ts';
import { StepFailure } from '../step/failure.ts';

/** Where the clone was when it was made. Only setup trusts it: later, agents can write refs. */
const BASE_REF = 'refs/agentteam/base';

/** So much history an agent may read back; all that merging needs is the base itself. */
const DEPTH = 100;

/** Name of a clone that is not finished: what a killed attempt leaves. */
const UNFINISHED = '.store-';

/** Agents run git in there, several at once. Nothing may tidy up under their hands. */
const STORE_CONFIG: readonly (readonly [key: string, value: string])[] = [
  // git then refuses to delete objects, `git gc --prune=now` included: what one pod's commit has
  // just written, another pod's gc cannot know to be needed.
  ['core.repositoryFormatVersion', '1'],
  ['extensions.preciousObjects', 'true'],
  ['gc.auto', '0'],
  ['gc.worktreePruneExpire', 'never'],
  ['maintenance.auto', 'false'],
  ['receive.autogc', 'false'],
  ['core.hooksPath', '/dev/null'],
  // Several pods pack and write refs: each waits for the other rather than giving up at once.
  ['core.filesRefLockTimeout', '10000'],
  ['core.packedRefsTimeout', '10000'],
];

/**
 * Clones the repository's branch into `store.git`, unless that is done. The clone is made under
 * another name and then renamed: whenever this is killed, there is a whole clone or none.
 * @param directory where `store.git` comes to lie.
 */
export async function createStore(
  directory: string,
  { branch }: RepositoryRef,
  access: RemoteAccess,
  signal: AbortSignal,
): Promise<RepositoryRecord> {
  const store = join(directory, REPOSITORY.store);
  for (const name of await readdir(directory)) {
    if (name.startsWith(UNFINISHED)) await rm(join(directory, name), { recursive: true });
  }
  if (!(await exists(store))) {
    const unfinished = await mkdtemp(join(directory, UNFINISHED));
    await chmod(unfinished, 0o755);
    await fillStore(unfinished, branch, access, signal);
    await rename(unfinished, store);
  }
  return {
    base: await gitLine(['rev-parse', `${BASE_REF}^{commit}`], inStore({ store }, signal)),
    config: await readFile(join(store, 'config'), 'utf8'),
    shallow: ((await readUntrusted(join(store, 'shallow'))) ?? '').split('\n').filter(Boolean),
  };
}

async function fillStore(
  store: string,
  branch: string,
  access: RemoteAccess,
  signal: AbortSignal,
): Promise<void> {
  const local: GitOptions = { cwd: store, signal };
  await git(['check-ref-format', '--branch', branch], local).catch((error: unknown) => {
    throw new StepFailure(`${branch} cannot be a branch's name.`, EXIT.invalid, error);
  });
  await git(['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`], local);
  for (const [key, value] of STORE_CONFIG) await git(['config', key, value], local);
  const { remote, config, env } = access;
  const depth = remote.kind === 'local' ? [] : [`--depth=${DEPTH}`];
  const from = `+refs/heads/${branch}:${BASE_REF}`;
  try {
    const args = ['fetch', '--quiet', '--no-tags', ...depth, '--', remote.url, from];
    await git(args, { ...local, config, env });
  } catch (error) {
    if (error instanceof GitError && /couldn't find remote ref/i.test(error.stderr)) {
      throw await missingBranch(branch, access, local);
    }
    throw explainRemoteError(error, remote);
  }
  await git(['update-ref', `refs/heads/${branch}`, BASE_REF], local);
  if (await usesLfs(BASE_REF, local)) {
    await fetchLfs(BASE_REF, access, local);
    for (const [key, value] of LFS_CONFIG) await git(['config', key, value], local);
  }
  await rm(join(store, 'FETCH_HEAD'), { force: true });
}

async function missingBranch(
  branch: string,
  { remote, config, env }: RemoteAccess,
  local: GitOptions,
): Promise<StepFailure> {
  const args = ['ls-remote', '--heads', '--', remote.url];
  const { stdout } = await git(args, { ...local, config, env });
  const branches = [...stdout.matchAll(/\trefs\/heads\/(.+)$/gm)].map((match) => match[1]);
  const others =
    branches.length === 0 ? 'It is empty.' : `It has: ${branches.slice(0, 20).join(', ')}.`;
  return new StepFailure(`The repository has no branch ${branch}. ${others}`, EXIT.invalid);
}
