import { chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, REPOSITORY, type RepositoryRef } from '@agentteam/contract';
import { readUntrusted, removeTrees } from '@agentteam/volume';
import { OWN_CONFIG } from '../git/own-repository.ts';
import { inBase } from '../git/places.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import { explainRemoteError } from '../git/remote/explain.ts';
import { fetchLfs, LFS_SECTION, usesLfs } from '../git/remote/lfs.ts';
import { type RemoteRefs, shownBranches } from '../git/remote/refs.ts';
import type { RepositoryRecord } from '../git/repository.ts';
import { type GitOptions, git, gitLine } from '../git/run.ts';
import { exists } from '../step/exists.ts';
import { StepFailure } from '../step/failure.ts';

/** Where the clone was when it was made. */
const BASE_REF = 'refs/agentteam/base';

/** So much history an agent may read back; all that merging needs is the base itself. */
const DEPTH = 100;

/** Name of a clone that is not finished: what a killed attempt leaves. */
const UNFINISHED = '.base-';

/** Every agent's repository has its objects from here: none of them may ever go. */
const BASE_CONFIG: readonly (readonly [key: string, value: string])[] = [
  ['core.repositoryFormatVersion', '1'],
  ['extensions.preciousObjects', 'true'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['core.hooksPath', '/dev/null'],
];

/**
 * Clones the repository's branch into `base.git`, unless that is done. The clone is made under
 * another name and then renamed: whenever this is killed, there is a whole clone or none.
 * @param directory where `base.git` comes to lie.
 */
export async function createBase(
  directory: string,
  wanted: RepositoryRef['branch'],
  access: RemoteAccess,
  refs: RemoteRefs,
  signal: AbortSignal,
): Promise<RepositoryRecord> {
  const store = join(directory, REPOSITORY.base);
  for (const name of await readdir(directory)) {
    if (name.startsWith(UNFINISHED)) await rm(join(directory, name), { recursive: true });
  }
  const branch = startingBranch(wanted, refs, access);
  const source = `${access.remote.url} ${branch}`;
  await removeOther(directory, source, signal);
  if (!(await exists(store))) {
    const unfinished = await mkdtemp(join(directory, UNFINISHED));
    await chmod(unfinished, 0o755);
    await fillBase(unfinished, branch, access, signal);
    await git(['config', SOURCE_KEY, source], { cwd: unfinished, signal });
    await rename(unfinished, store);
  }
  const options = inBase({ directory }, signal);
  const large = (await usesLfs(BASE_REF, options)) ? LFS_SECTION : '';
  return {
    branch: await gitLine(['symbolic-ref', '--short', 'HEAD'], options),
    base: await gitLine(['rev-parse', `${BASE_REF}^{commit}`], options),
    config: `${OWN_CONFIG}${large}`,
    shallow: ((await readUntrusted(join(store, 'shallow'))) ?? '').split('\n').filter(Boolean),
  };
}

/** In the configuration of the clone: what it is a clone of. */
const SOURCE_KEY = 'agentteam.source';

/** What an attempt has made of another repository or branch: a retry may name the right one. */
async function removeOther(directory: string, source: string, signal: AbortSignal): Promise<void> {
  const store = join(directory, REPOSITORY.base);
  if (!(await exists(store))) return;
  const options = inBase({ directory }, signal);
  const known = await git(['config', '--get', SOURCE_KEY], { ...options, accept: [0, 1] });
  if (known.stdout.trimEnd() === source) return;
  await removeTrees((await readdir(directory)).map((name) => join(directory, name)));
}

async function fillBase(
  store: string,
  branch: string,
  access: RemoteAccess,
  signal: AbortSignal,
): Promise<void> {
  const local: GitOptions = { cwd: store, signal };
  await git(['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`], local);
  for (const [key, value] of BASE_CONFIG) await git(['config', key, value], local);
  const { remote, config, env } = access;
  // A local clone may itself be without some of its history.
  const depth = remote.kind === 'local' ? ['--update-shallow'] : [`--depth=${DEPTH}`];
  const from = `+refs/heads/${branch}:${BASE_REF}`;
  try {
    const args = ['fetch', '--quiet', '--no-tags', ...depth, '--', remote.url, from];
    await git(args, { ...local, config, env });
  } catch (error) {
    throw explainRemoteError(error, remote);
  }
  await git(['update-ref', `refs/heads/${branch}`, BASE_REF], local);
  if (await usesLfs(BASE_REF, local)) await fetchLfs(BASE_REF, access, local);
  await rm(join(store, 'FETCH_HEAD'), { force: true });
}

/** @throws StepFailure where the remote has no such branch, or none that is its default. */
function startingBranch(
  wanted: RepositoryRef['branch'],
  { branches, defaultBranch }: RemoteRefs,
  { remote }: RemoteAccess,
): string {
  const branch = wanted ?? defaultBranch;
  if (branch !== undefined && branches.has(branch)) return branch;
  const where = remote.kind === 'local' ? remote.path : remote.host;
  if (branches.size === 0) {
    const words = `The repository at ${where} is empty; push a first commit to it.`;
    throw new StepFailure(words, EXIT.invalid);
  }
  const what =
    branch === undefined
      ? `The repository at ${where} has no default branch; set repository.branch.`
      : `The repository has no branch ${branch}, which ${wanted === undefined ? 'is its default' : 'repository.branch names'}.`;
  throw new StepFailure(`${what} It has: ${shownBranches(branches)}.`, EXIT.invalid);
}
