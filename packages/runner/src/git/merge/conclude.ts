import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { findCommit, findMergeHead, isAncestor } from '../commits.ts';
import { identityEnvironment } from '../identity.ts';
import { inTree } from '../options.ts';
import { type TeamRepository, treeOf } from '../repository.ts';
import { restoreTrustedFiles } from '../restore-trusted-files.ts';
import { git } from '../run.ts';
import { changedInTree } from '../worktree/changed-paths.ts';
import { leaveOut } from '../worktree/commit-leftovers.ts';
import type { MergeConflict } from './conflict.ts';
import { mergeMessage } from './consolidate.ts';
import { hasConflictMarkers } from './markers.ts';

/**
 * Commits a merge that the lead has resolved in its worktree.
 * @returns the paths that are still unresolved. When there are none, the merge is committed.
 */
export async function concludeMerge(
  repository: TeamRepository,
  conflict: MergeConflict,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await restoreTrustedFiles(repository, LEAD);
  const options = inTree(repository, LEAD, signal);
  const paths = conflict.files.map(({ path }) => path);
  const head = await findCommit('HEAD', options);
  // The lead may have committed the merge itself.
  const committed = head !== undefined && (await isAncestor(conflict.commit, head, options));
  if (!committed && (await findMergeHead(options)) !== conflict.commit) return paths;
  const open = await stillMarked(treeOf(repository, LEAD), paths);
  if (open.length > 0 || committed) return open;
  await leaveOut(repository, LEAD, await changedInTree(repository, LEAD, signal), signal);
  await git(['add', '--all'], options);
  const env = { ...options.env, ...identityEnvironment(repository.ref, LEAD) };
  const message = `--message=${mergeMessage(repository, conflict.agent)}`;
  await git(['commit', '--quiet', '--no-verify', '--cleanup=whitespace', message], {
    ...options,
    env,
  });
  return [];
}

async function stillMarked(tree: string, paths: readonly string[]): Promise<readonly string[]> {
  const marked = await Promise.all(paths.map((path) => hasConflictMarkers(join(tree, path))));
  return paths.filter((_, index) => marked[index]);
}
