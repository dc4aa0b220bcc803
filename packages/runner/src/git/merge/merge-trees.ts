import { type GitOptions, gitFields } from '../run.ts';
import { type Change, changesBetween } from '../scope/changes.ts';
import { keepInPlace, type MergedTree } from './moved-changes.ts';

/**
 * Merges two commits into a tree, without touching any branch, index or file. If one side moves a file that the
 * other changes, that is a conflict.
 * @returns also what the merge changes in the first commit.
 */
export async function mergeTrees(
  ours: string,
  theirs: string,
  options: GitOptions,
): Promise<MergedTree & { readonly changes: readonly Change[] }> {
  // An agent can start a history of its own: `git checkout --orphan`.
  const flags = ['--no-messages', '--allow-unrelated-histories'];
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', ...flags, ours, theirs];
  const [tree = '', ...conflicts] = await gitFields(args, { ...options, accept: [0, 1] });
  const [mixed, changes] = await Promise.all([
    mixedPaths(tree, ours, theirs, options),
    changesBetween(ours, tree, options),
  ]);
  if (mixed.length === 0 && conflicts.length === 0) return { tree, conflicts, changes };
  const kept = await keepInPlace({ tree, conflicts }, mixed, { ours, theirs }, options);
  return { ...kept, changes: await changesBetween(ours, kept.tree, options) };
}

/** The paths at which a merged tree differs from both sides. */
function mixedPaths(
  tree: string,
  ours: string,
  theirs: string,
  options: GitOptions,
): Promise<readonly string[]> {
  // `git diff` shows the differences of a merge from all its parents.
  const flags = ['-c', '--name-only', '-z', '--no-renames', '--no-ext-diff'];
  return gitFields(
    ['diff', ...flags, '--ignore-submodules=none', tree, ours, theirs, '--'],
    options,
  );
}
