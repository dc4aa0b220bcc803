import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '@agentteam/contract';
import { createOwnRepository, pointToOwn } from '../git/own-repository.ts';
import { inTree } from '../git/places.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import {
  baseStoreOf,
  ownRepository,
  sharesTree,
  type TeamRepository,
  treeOf,
} from '../git/repository.ts';
import { git } from '../git/run.ts';
import { exists } from '../step/exists.ts';
import { fillSubmodules } from './submodules.ts';

/** Beside the trees: an empty file for each agent whose repository and worktree are whole. */
const READY = 'ready';

/** Trees that are filled at once. Each takes a processor; network file systems like company. */
const AT_ONCE = Math.min(4, availableParallelism());

/**
 * A repository for each member, and a worktree on a branch of its own; with the strategy `shared`,
 * one tree for all teammates. What a killed attempt left half made is made anew.
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

/** @param first the agent that fills the tree: this one, or another one that it shares it with. */
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
    // The same files, looked at already.
    await copyFile(join(ownRepository(repository, first), 'index'), join(own, 'index'));
    return;
  }
  const tree = treeOf(repository, agent);
  await rm(tree, { recursive: true, force: true });
  await mkdir(tree);
  const options = inTree(repository, agent, signal);
  // Otherwise Git LFS would make links to the base's files, through which agents could write to them.
  const config = { ...options.config, 'lfs.storage': join(baseStoreOf(repository), 'lfs') };
  await git(['reset', '--quiet', '--hard'], { ...options, config });
  await pointToOwn(repository, agent);
  await fillSubmodules(tree, access, signal);
  if (sharesTree(repository, agent)) await rm(join(tree, '.git'));
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
  // None is left at work when this fails.
  const ends = await Promise.allSettled(workers);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
