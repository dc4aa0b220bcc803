import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from '@agentteam/contract';
import { removeTrees } from '@agentteam/volume';
import { branchOf } from './branches.ts';
import { excludeFile } from './leftovers/ignore.ts';
import {
  baseStoreOf,
  ownRepository,
  sharesTree,
  type TeamRepository,
  treeOf,
} from './repository.ts';

/** Initial `config` of an agent's own repository. */
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

/** File in a repository that lists more ignored files than its `.gitignore`. */
export const EXCLUDE_FILE: string = join('info', 'exclude');

/**
 * Makes an agent's own repository, with the base's objects as an alternate. Writing these few files
 * is faster than running git.
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

/** Files of an agent's own repository that must have this content. Each attempt restores them. */
export function trustedFiles(
  repository: TeamRepository,
  agent: string,
): readonly (readonly [name: string, text: string])[] {
  const { config, shallow } = repository;
  // A shared tree cannot point to one agent's repository, so each repository points to the tree.
  const tree = sharesTree(repository, agent)
    ? `[core]\n\tworktree = ../../${REPOSITORY.trees}/${REPOSITORY.sharedTree}\n`
    : '';
  // The relative path works wherever the claim is mounted. Git LFS only understands absolute paths.
  const alternates = [
    `../../../${REPOSITORY.base}/objects`,
    join(baseStoreOf(repository), 'objects'),
  ];
  const used = config.includes('[filter "lfs"]') ? alternates : alternates.slice(0, 1);
  return [
    ['config', `${config}${tree}`],
    [EXCLUDE_FILE, excludeFile(repository.leftovers, repository.placed)],
    [join('objects', 'info', 'alternates'), used.map((line) => `${line}\n`).join('')],
    ...(shallow.length > 0
      ? ([['shallow', shallow.map((id) => `${id}\n`).join('')]] as const)
      : []),
  ];
}

/** Writes a worktree's `.git`. Its path is relative, and so works wherever the claim is mounted. */
export async function pointToOwn(repository: TeamRepository, agent: string): Promise<void> {
  const pointer = join(treeOf(repository, agent), '.git');
  await writeFile(pointer, `gitdir: ../../${REPOSITORY.own}/${agent}.git\n`);
}

/** Frees the space of an agent's repository, when all of its work is handed over. */
export async function discardOwnRepository(
  repository: TeamRepository,
  agent: string,
): Promise<void> {
  const own = ownRepository(repository, agent);
  // Keep the directory itself: it is a mount point.
  await removeTrees((await readdir(own)).map((entry) => join(own, entry)));
}
