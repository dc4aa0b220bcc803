import { appendFile, chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, REPOSITORY, type RepositoryRef } from '@agentteam/contract';
import { readUntrusted, removeTrees } from '@agentteam/volume';
import { inBase } from '../git/options.ts';
import { OWN_CONFIG } from '../git/own-repository.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import { explainRemoteError } from '../git/remote/explain.ts';
import { fetchLfs, LFS_SECTION, usesLfs } from '../git/remote/lfs.ts';
import { type RemoteRefs, shownBranches } from '../git/remote/refs.ts';
import type { RepositoryRecord } from '../git/repository.ts';
import { type GitOptions, git, gitLine } from '../git/run.ts';
import { exists } from '../step/exists.ts';
import { StepFailure } from '../step/failure.ts';

/** The commit that the branch was at when it was cloned. */
const BASE_REF = 'refs/agentteam/base';

/** Commits of history that agents can read. Merging needs only the base itself. */
const DEPTH = 100;

/** Name prefix of an unfinished clone, which a killed attempt leaves behind. */
const UNFINISHED = '.base-';

/**
 * Added to the clone's configuration. Each agent's repository reads objects from the base, so git must never
 * delete any.
 */
const BASE_CONFIG = `[core]
	repositoryFormatVersion = 1
	hooksPath = /dev/null
[extensions]
	preciousObjects = true
[gc]
	auto = 0
[maintenance]
	auto = false
`;

/**
 * Clones the repository's branch into `base.git`, unless an earlier attempt has. The clone is made
 * under another name and then renamed, so that `base.git` is always complete.
 * @param directory parent directory of `base.git`.
 * @throws StepFailure when the branch cannot be cloned.
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
  const options = inBase({ directory }, signal);
  let large: boolean;
  if (await exists(store)) {
    large = await usesLfs(BASE_REF, options);
  } else {
    const unfinished = await mkdtemp(join(directory, UNFINISHED));
    await chmod(unfinished, 0o755);
    large = await fillBase(unfinished, branch, access, signal);
    await git(['config', SOURCE_KEY, source], { cwd: unfinished, signal });
    await rename(unfinished, store);
  }
  return {
    branch,
    base: await gitLine(['rev-parse', `${BASE_REF}^{commit}`], options),
    config: `${OWN_CONFIG}${large ? LFS_SECTION : ''}`,
    shallow: ((await readUntrusted(join(store, 'shallow'))) ?? '').split('\n').filter(Boolean),
  };
}

/** Key in the clone's configuration with the URL and branch that it was cloned from. */
const SOURCE_KEY = 'agentteam.source';

/** Removes a clone of another repository or branch: a retry may have corrected the spec. */
async function removeOther(directory: string, source: string, signal: AbortSignal): Promise<void> {
  const store = join(directory, REPOSITORY.base);
  if (!(await exists(store))) return;
  const options = inBase({ directory }, signal);
  const known = await git(['config', '--get', SOURCE_KEY], { ...options, accept: [0, 1] });
  if (known.stdout.trimEnd() === source) return;
  await removeTrees((await readdir(directory)).map((name) => join(directory, name)));
}

/** @returns whether the branch uses Git LFS. */
async function fillBase(
  store: string,
  branch: string,
  access: RemoteAccess,
  signal: AbortSignal,
): Promise<boolean> {
  const local: GitOptions = { cwd: store, signal };
  await git(['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`], local);
  await appendFile(join(store, 'config'), BASE_CONFIG);
  const { remote, config, env } = access;
  // A local remote may itself be a shallow clone.
  const depth = remote.kind === 'local' ? ['--update-shallow'] : [`--depth=${DEPTH}`];
  const from = `+refs/heads/${branch}:${BASE_REF}`;
  try {
    const args = ['fetch', '--quiet', '--no-tags', ...depth, '--', remote.url, from];
    await git(args, { ...local, config, env });
  } catch (error) {
    throw explainRemoteError(error, remote);
  }
  await git(['update-ref', `refs/heads/${branch}`, BASE_REF], local);
  const large = await usesLfs(BASE_REF, local);
  if (large) await fetchLfs(BASE_REF, access, local);
  await rm(join(store, 'FETCH_HEAD'), { force: true });
  return large;
}

/** @throws StepFailure when the remote does not have the branch, or has no default branch. */
function startingBranch(
  wanted: RepositoryRef['branch'],
  { branches, defaultBranch }: RemoteRefs,
  { remote }: RemoteAccess,
): string {
  const branch = wanted ?? defaultBranch;
  if (branch !== undefined && branches.has(branch)) return branch;
  const where = remote.kind === 'local' ? remote.path : remote.host;
  if (branches.size === 0) {
    const message = `The repository at ${where} is empty; push a first commit to it.`;
    throw new StepFailure(message, EXIT.invalid);
  }
  const problem =
    branch === undefined
      ? `The repository at ${where} has no default branch; set repository.branch.`
      : `The repository has no branch ${branch}${wanted === undefined ? ', although that is its default branch' : '; correct repository.branch'}.`;
  throw new StepFailure(`${problem} Its branches are ${shownBranches(branches)}.`, EXIT.invalid);
}
