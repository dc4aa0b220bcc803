import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '@agentteam/contract';
import { inTree } from '../git/options.ts';
import { createOwnRepository, pointToOwn } from '../git/own-repository.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import { explainRemoteError } from '../git/remote/explain.ts';
import {
  baseStoreOf,
  ownRepository,
  sharesTree,
  type TeamRepository,
  treeOf,
} from '../git/repository.ts';
import { git, gitLine } from '../git/run.ts';
import { exists } from '../step/exists.ts';

/** Directory beside the trees, with an empty file for each agent whose worktree is complete. */
const READY = 'ready';

/** Trees that are checked out at the same time. On network file systems, that is faster. */
const AT_ONCE = Math.min(4, availableParallelism());

/**
 * Makes a repository for each member, and a worktree on its own branch. With the strategy `shared`,
 * all teammates share one tree. What a killed attempt left incomplete is made again.
 */
export async function createWorktrees(
  repository: TeamRepository,
  access: RemoteAccess,
  signal: AbortSignal,
): Promise<void> {
  const { directory, members } = repository;
  const ready = join(directory, READY);
  for (const name of [REPOSITORY.own, REPOSITORY.trees, READY]) {
    await mkdir(join(directory, name), { recursive: true });
  }
  const names = members.map(({ name }) => name);
  const sharing = names.filter((name) => sharesTree(repository, name));
  const make = async (name: string) => {
    const marker = join(ready, name);
    if (await exists(marker)) return;
    const [first = name] = sharing;
    await createWorktree(repository, name, sharing.includes(name) ? first : name, access, signal);
    await writeFile(marker, '');
  };
  await inParallel(
    names.filter((name) => !sharing.includes(name)),
    make,
  );
  for (const name of sharing) await make(name);
}

/** @param first the agent whose tree is checked out: this one, or the first that shares its tree. */
async function createWorktree(
  repository: TeamRepository,
  agent: string,
  first: string,
  access: RemoteAccess,
  signal: AbortSignal,
): Promise<void> {
  const own = ownRepository(repository, agent);
  await rm(own, { recursive: true, force: true });
  await createOwnRepository(repository, agent);
  if (first !== agent) {
    // The index is the same, because the tree is.
    await copyFile(join(ownRepository(repository, first), 'index'), join(own, 'index'));
    return;
  }
  const tree = treeOf(repository, agent);
  await rm(tree, { recursive: true, force: true });
  await mkdir(tree);
  const options = inTree(repository, agent, signal);
  const store = baseStoreOf(repository);
  const config = {
    ...options.config,
    // By default, Git LFS would make links to the base's files, through which agents could change them.
    'lfs.storage': join(store, 'lfs'),
    // It would ask a server for what the base lacks. The `.lfsconfig` in the tree can name one that the commit's does
    // not, because git converts the file's encoding.
    'lfs.url': `file://${encodeURI(store)}`,
  };
  await git(['reset', '--quiet', '--hard'], { ...options, config });
  await pointToOwn(repository, agent);
  await checkOutSubmodules(tree, access, signal);
  if (sharesTree(repository, agent)) await rm(join(tree, '.git'));
}

/**
 * Checks out a worktree's submodules, if it has any. Agents could not do that: they have no
 * credentials. Credentials are sent to the repository's own host only, and local paths are refused.
 */
async function checkOutSubmodules(
  tree: string,
  { remote, config, env }: RemoteAccess,
  signal: AbortSignal,
): Promise<void> {
  const options = { cwd: tree, signal };
  if ((await gitLine(['ls-files', '--', '.gitmodules'], options)) === '') return;
  // Relative URLs of submodules are relative to this one.
  const origin = { ...config, 'remote.origin.url': remote.url };
  const args = ['submodule', '--quiet', 'update', '--init', '--recursive', '--checkout'];
  await git(args, { ...options, config: origin, env }).catch((error: unknown) => {
    throw explainRemoteError(error, remote);
  });
}

async function inParallel(
  names: readonly string[],
  work: (name: string) => Promise<void>,
): Promise<void> {
  const left = [...names];
  const worker = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) await work(name);
  };
  const workers = Array.from({ length: AT_ONCE }, worker);
  // Do not fail while other workers are still running.
  const ends = await Promise.allSettled(workers);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
