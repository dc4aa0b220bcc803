import { LEAD, type MemberSpec } from '@agentteam/contract';
import { inDependencyOrder } from '../../step/dependency-order.ts';
import { findCommit, isAncestor, mergeTrees, writeCommit } from '../commits.ts';
import { commitMessage, identityEnvironment } from '../identity.ts';
import { branchOf, inTree } from '../places.ts';
import type { TeamRepository } from '../repository.ts';
import { restoreTrust } from '../restore-trust.ts';
import { git, gitLine } from '../run.ts';
import { changesBetween } from '../scope/changes.ts';
import { scopeViolations } from '../scope/own-changes.ts';
import { type ScopeViolation, violationsIn } from '../scope/violations.ts';
import { commitLeftovers } from '../worktree/leftovers.ts';
import { type MergeConflict, readConflict } from './conflict.ts';
import { writeProgress } from './progress.ts';
import { switchToResult } from './result-branch.ts';

export type Consolidation =
  | {
      readonly status: 'merged';
      /** What the result branch is at. */
      readonly commit: string;
      /** Members whose branches this call merged. */
      readonly merged: readonly string[];
    }
  | { readonly status: 'conflict'; readonly conflict: MergeConflict }
  | {
      readonly status: 'violation';
      readonly agent: string;
      readonly violations: readonly ScopeViolation[];
    };

/**
 * Merges everybody's branches into the result branch, in the order of their dependencies, in the
 * lead's worktree. Called again it goes on where it was: after a conflict was resolved, after the
 * process was killed, after the lead changed something on the result branch.
 * @param session directory that the lead's runner alone can write to.
 */
export async function consolidate(
  repository: TeamRepository,
  session: string,
  signal: AbortSignal,
): Promise<Consolidation> {
  await restoreTrust(repository);
  const open = await openConflict(repository, signal);
  if (open) return { status: 'conflict', conflict: open };
  await commitLeftovers(repository, LEAD, 'Work of the lead', signal);
  await switchToResult(repository, session, signal);
  const merged: string[] = [];
  for (const member of mergeOrder(repository)) {
    const outcome = await mergeMember(repository, member, signal);
    if (typeof outcome === 'object') return outcome;
    if (outcome === 'merged') merged.push(member.name);
    await recordProgress(repository, session, signal);
  }
  const violations = await violationsOfAll(repository, signal);
  if (violations.length > 0) return { status: 'violation', agent: LEAD, violations };
  const commit = await recordProgress(repository, session, signal);
  return { status: 'merged', commit, merged };
}

/** Teammates after those they depend on, the lead last. In a shared tree there is nothing to merge. */
function mergeOrder({ strategy, members }: TeamRepository): readonly MemberSpec[] {
  const ordered = inDependencyOrder(members);
  const isLead = ({ role }: MemberSpec) => role === 'lead';
  if (strategy === 'shared') return ordered.filter((member) => !isLead(member));
  return [...ordered.filter((member) => !isLead(member)), ...ordered.filter(isLead)];
}

async function mergeMember(
  repository: TeamRepository,
  { name, scope }: MemberSpec,
  signal: AbortSignal,
): Promise<'merged' | 'nothing' | Exclude<Consolidation, { status: 'merged' }>> {
  const options = inTree(repository, LEAD, signal);
  const violations = await scopeViolations(repository, name, signal);
  if (violations.length > 0) return { status: 'violation', agent: name, violations };
  const branch = branchOf(repository, name);
  const theirs = await findCommit(`refs/heads/${branch}`, options);
  const ours = await gitLine(['rev-parse', 'HEAD'], options);
  if (theirs === undefined || (await isAncestor(theirs, ours, options))) return 'nothing';
  const { tree, conflicts } = await mergeTrees(ours, theirs, options);
  if (conflicts.length > 0) {
    return { status: 'conflict', conflict: await beginMerge(repository, name, theirs, signal) };
  }
  // Checked once more in what really comes of the merge, which is what counts.
  const changes = await changesBetween(ours, tree, options);
  const effects = await violationsIn(changes, tree, scope, options);
  if (effects.length > 0) return { status: 'violation', agent: name, violations: effects };
  if (changes.length === 0) return 'nothing';
  const message = mergeMessage(repository, name);
  const { ref } = repository;
  const parents = [ours, theirs];
  const commit = await writeCommit({ tree, parents, message, ref, agent: LEAD }, options);
  await git(['merge', '--quiet', '--ff-only', commit], options);
  return 'merged';
}

/** What nobody may do, the lead on the result branch included. */
async function violationsOfAll(
  repository: TeamRepository,
  signal: AbortSignal,
): Promise<readonly ScopeViolation[]> {
  const options = inTree(repository, LEAD, signal);
  const changes = await changesBetween(repository.base, 'HEAD', options);
  return violationsIn(changes, 'HEAD', undefined, options);
}

/** Leaves the merge open, with conflict markers in the lead's worktree. */
async function beginMerge(
  repository: TeamRepository,
  agent: string,
  commit: string,
  signal: AbortSignal,
): Promise<MergeConflict> {
  const options = inTree(repository, LEAD, signal);
  const env = { ...options.env, ...identityEnvironment(repository.ref, LEAD) };
  const message = `--message=${mergeMessage(repository, agent)}`;
  const args = ['merge', '--quiet', '--no-ff', '--no-commit', '--no-verify', message, commit];
  await git(args, { ...options, env, accept: [0, 1] });
  return readConflict(repository, agent, branchOf(repository, agent), commit, signal);
}

/** The merge that an earlier call, or an earlier attempt of the step, left open. */
async function openConflict(
  repository: TeamRepository,
  signal: AbortSignal,
): Promise<MergeConflict | undefined> {
  const options = inTree(repository, LEAD, signal);
  const theirs = await findCommit('MERGE_HEAD', options);
  if (theirs === undefined) return undefined;
  for (const { name } of repository.members) {
    const branch = branchOf(repository, name);
    if ((await findCommit(`refs/heads/${branch}`, options)) !== theirs) continue;
    return readConflict(repository, name, branch, theirs, signal);
  }
  // Some merge of the lead's own: what it has made of it is committed like anything else.
  return undefined;
}

export function mergeMessage({ ref, members }: TeamRepository, agent: string): string {
  const prompt = members.find(({ name }) => name === agent)?.prompt ?? '';
  const task = prompt.split('\n').find((line) => line.trim() !== '') ?? '';
  return commitMessage(ref, agent, `Merge the work of ${agent}`, task.trim());
}

async function recordProgress(
  repository: TeamRepository,
  session: string,
  signal: AbortSignal,
): Promise<string> {
  const tip = await gitLine(['rev-parse', 'HEAD'], inTree(repository, LEAD, signal));
  await writeProgress(session, { tip });
  return tip;
}
