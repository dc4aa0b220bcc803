import type { MemberSpec } from '@agentteam/contract';
import type { ConflictFile, MergeConflict } from '../git/merge/conflict.ts';
import { indented } from './indented.ts';

/* Questions to the lead while its runner merges the team's work. */

/** Describes a conflict to the lead: the files, both sides of each, and the tasks behind them. */
export function mergeConflict(
  { agent, branch, files }: MergeConflict,
  members: readonly MemberSpec[],
): string {
  const involved = new Set([agent, ...files.flatMap(({ changedBy }) => changedBy)]);
  const tasks = members
    .filter(({ name }) => involved.has(name))
    .map(({ name, prompt }) => `Task of ${name}:\n${indented(prompt.trim())}`);
  return [
    `The work of ${agent} (${branch}) conflicts with work that is already merged. The merge is in progress in your worktree. Resolve each file below so that both tasks are done: edit it, leave no conflict markers, then end your turn. Your changes are committed for you. Do not abort the merge.`,
    ...files.map(describeFile),
    ...tasks,
  ].join('\n\n');
}

function describeFile({ path, ours, theirs, base, changedBy }: ConflictFile): string {
  const by = changedBy.length === 0 ? 'already merged' : `by ${changedBy.join(', ')}`;
  return [
    `File ${JSON.stringify(path)}`,
    `Before both changes:\n${indented(base ?? '(no such file)')}`,
    `On the result branch (${by}):\n${indented(ours ?? '(deleted)')}`,
    `On the branch to be merged:\n${indented(theirs ?? '(deleted)')}`,
  ].join('\n');
}

/** @param paths files of the conflict that still have conflict markers. */
export function unresolvedFiles(paths: readonly string[]): string {
  const files = paths.map((path) => `- ${JSON.stringify(path)}`).join('\n');
  return `These files are still unresolved:\n${files}\nRemove all conflict markers, and do not abort the merge.`;
}

/** @param violations the changes that no agent may make, or the lead may not, one line each. */
export function undeliverableChanges(violations: string): string {
  return `The result has changes that cannot be delivered:\n${violations}\nUndo them in your worktree, then end your turn. Your changes are committed for you.`;
}
