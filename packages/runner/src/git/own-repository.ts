import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from '@agentteam/contract';
import { removeTrees } from '@agentteam/volume';
import { excludeFile } from './leftovers/ignore.ts';
import { branchOf } from './places.ts';
import {
  baseStoreOf,
  ownRepository,
  sharesTree,
  type TeamRepository,
  treeOf,
} from './repository.ts';

/** How an agent's own repository begins, where git's own defaults would not do. */
export const OWN_CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logallrefupdates = true
	hooksPath = /dev/null
[gc]
	auto = 0
[maintenance]
	auto = false
`;

/** In a repository: which files git leaves out besides those of `.gitignore`. */
export const EXCLUDE_FILE: string = join('info', 'exclude');

/**
 * Makes an agent's own repository: its HEAD, refs, index, configuration and objects, with the
 * base's objects to read. git is not needed for these few files.
 */
export async function createOwnRepository(
  repository: TeamRepository,
  agent: string,
): Promise<void> {
  const { base, branch } = repository;
  const own = ownRepository(repository, agent);
  const work = branchOf(repository, agent);
  await mkdir(join(own, 'objects', 'info'), { recursive: true });
  await mkdir(join(own, 'refs'), { recursive: true });
  await mkdir(join(own, 'info'), { recursive: true });
  const refs = [...new Set([work, branch])].map((name) => `${base} refs/heads/${name}\n`).sort();
  await writeFile(join(own, 'packed-refs'), refs.join(''));
  await writeFile(join(own, 'HEAD'), `ref: refs/heads/${work}\n`);
  for (const [name, text] of trustedFiles(repository, agent))
    await writeFile(join(own, name), text);
}

/** Files of an agent's own repository that have one right content, which an attempt restores. */
export function trustedFiles(
  repository: TeamRepository,
  agent: string,
): readonly (readonly [name: string, text: string])[] {
  const { config, shallow } = repository;
  // A tree that several agents share can point to no one's repository, so each points to the tree.
  const tree = sharesTree(repository, agent)
    ? `[core]\n\tworktree = ../../${REPOSITORY.trees}/${REPOSITORY.sharedTree}\n`
    : '';
  // The relative line holds wherever the claim is mounted. Git LFS understands absolute ones alone.
  const alternates = [
    `../../../${REPOSITORY.base}/objects`,
    join(baseStoreOf(repository), 'objects'),
  ];
  const used = config.includes('[filter "lfs"]') ? alternates : alternates.slice(0, 1);
  return [
    ['config', `${config}${tree}`],
    [EXCLUDE_FILE, excludeFile(repository.leftovers)],
    [join('objects', 'info', 'alternates'), used.map((line) => `${line}\n`).join('')],
    ...(shallow.length > 0
      ? ([['shallow', shallow.map((id) => `${id}\n`).join('')]] as const)
      : []),
  ];
}

/** What a worktree's `.git` says: relative, so that it holds wherever the claim is mounted. */
export async function pointToOwn(repository: TeamRepository, agent: string): Promise<void> {
  const pointer = join(treeOf(repository, agent), '.git');
  await writeFile(pointer, `gitdir: ../../${REPOSITORY.own}/${agent}.git\n`);
}

/** Gives back the room that an agent's repository takes, when all its work is handed over. */
export async function discardOwnRepository(
  repository: TeamRepository,
  agent: string,
): Promise<void> {
  const own = ownRepository(repository, agent);
  // The directory itself is where it is mounted.
  await removeTrees((await readdir(own)).map((entry) => join(own, entry)));
}
