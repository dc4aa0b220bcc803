import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LEAD, REPOSITORY } from '@agentteam/contract';
import { agentBranch } from '../git/identity.ts';
import type { RemoteAccess } from '../git/remote/access.ts';
import { type TeamRepository, treeOf } from '../git/repository.ts';
import { git } from '../git/run.ts';
import { gitPointer } from '../git/worktree/prepare.ts';
import { exists } from '../step/exists.ts';
import { fillSubmodules } from './submodules.ts';

/** Beside the trees: an empty file for each one that is whole. */
const READY = 'ready';

/**
 * One worktree on one branch for each member; with the strategy `shared`, one for all, on the
 * result branch. A tree that a killed attempt left half made is made anew.
 */
export async function createWorktrees(
  repository: TeamRepository,
  access: RemoteAccess,
  signal: AbortSignal,
): Promise<void> {
  const { ref, store, strategy, members, trees, resultBranch } = repository;
  const ready = join(dirname(store), READY);
  await mkdir(trees, { recursive: true });
  await mkdir(ready, { recursive: true });
  const wanted =
    strategy === 'shared'
      ? [{ name: REPOSITORY.sharedTree, tree: treeOf(repository, LEAD), branch: resultBranch }]
      : members.map(({ name }) => ({
          name,
          tree: treeOf(repository, name),
          branch: agentBranch(ref.team, name),
        }));
  for (const { name, tree, branch } of wanted) {
    const marker = join(ready, name);
    if (await exists(marker)) continue;
    await createWorktree(repository, name, tree, branch, signal);
    await fillSubmodules(tree, access, signal);
    await writeFile(marker, '');
  }
}

async function createWorktree(
  { store, base }: TeamRepository,
  name: string,
  tree: string,
  branch: string,
  signal: AbortSignal,
): Promise<void> {
  await rm(tree, { recursive: true, force: true });
  await rm(join(store, 'worktrees', name), { recursive: true, force: true });
  // Locked: in another pod this tree is not there, and `git worktree prune` would forget it.
  const add = ['worktree', 'add', '--quiet', '--lock', '--no-checkout', '-B', branch, tree, base];
  await git(add, { cwd: store, signal });
  await writeFile(join(tree, '.git'), gitPointer(name));
  await git(['reset', '--quiet', '--hard'], { cwd: tree, signal });
}
