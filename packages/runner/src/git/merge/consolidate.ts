import { LEAD, type MemberSpec } from '@agentteam/contract';
import { inDependencyOrder } from '../../step/dependency-order.ts';
import { branchOf, teamBranch } from '../branches.ts';
import { findCommit, findMergeHead, writeCommit } from '../commits.ts';
import { type Tips, takeTeam } from '../handover/take.ts';
import { commitMessage, identityEnvironment } from '../identity.ts';
import type { LeftOut } from '../leftovers/left-out.ts';
import { inOwn, inTree } from '../options.ts';
import { type TeamRepository, teammatesOf } from '../repository.ts';
import { restoreTrustedFiles } from '../restore-trusted-files.ts';
import { git, gitLine } from '../run.ts';
import { changesBetween } from '../scope/changes.ts';
import { refuseForeignCommits } from '../scope/foreign-commits.ts';
import { leadViolations } from '../scope/lead-changes.ts';
import { scopeViolations } from '../scope/own-changes.ts';
import { placedChanges } from '../scope/placed.ts';
import { type ScopeViolation, violationsIn } from '../scope/violations.ts';
import { commitLeftovers } from '../worktree/commit-leftovers.ts';
import { repairRepository } from '../worktree/repair.ts';
import { type MergeConflict, readConflict } from './conflict.ts';
import { mergeTrees } from './merge-trees.ts';
import { writeProgress } from './progress.ts';
import { switchToResult } from './result-branch.ts';

export type Consolidation =
  | {
      readonly status: 'merged';
      /** Tip of the result branch. */
      readonly commit: string;
      /** Agents whose work this call merged. */
      readonly merged: readonly string[];
      /** Files in the lead's worktree that were not committed. */
      readonly leftOut: readonly LeftOut[];
    }
  | { readonly status: 'conflict'; readonly conflict: MergeConflict }
  | {
      readonly status: 'violation';
      readonly agent: string;
      readonly violations: readonly ScopeViolation[];
    };

/**
 * Merges the work of all agents into the result branch of the lead's own repository, in the order of
 * their dependencies. Another call continues where the last one stopped: after a conflict was
 * resolved, after the process was killed, or after the lead changed the result branch.
 * @param session directory that only the lead's runner can write to.
 */
export async function consolidate(
  repository: TeamRepository,
  session: string,
  signal: AbortSignal,
): Promise<Consolidation> {
  await restoreTrustedFiles(repository, LEAD);
  await repairRepository(repository, LEAD, signal);
  const own = inOwn(repository, LEAD, signal);
  const tips = await takeTeam(repository, own);
  await refuseForeignCommits(repository, tips, own);
  const open = await mergeInProgress(repository, tips, signal);
  if (open) return { status: 'conflict', conflict: open };
  const { leftOut } = await commitLeftovers(repository, LEAD, 'Work of the lead', signal);
  await switchToResult(repository, session, signal);
  const outcome = await mergeTeam(repository, tips, session, signal);
  if (outcome.status !== 'merged') return outcome;
  const violations = await violationsOfResult(repository, outcome.commit, tips, signal);
  return violations.length > 0
    ? { status: 'violation', agent: LEAD, violations }
    : { ...outcome, leftOut };
}

/** Merges commits only. The worktree is updated once, at the end. */
async function mergeTeam(
  repository: TeamRepository,
  tips: Tips,
  session: string,
  signal: AbortSignal,
): Promise<Consolidation> {
  const options = inTree(repository, LEAD, signal);
  const own = await findCommit(`refs/heads/${branchOf(repository, LEAD)}`, options);
  const work = new Map(own === undefined ? tips : [...tips, [LEAD, own]]);
  const merged: string[] = [];
  const start = await gitLine(['rev-parse', 'HEAD'], options);
  let ours = start;
  for (const member of mergeOrder(repository)) {
    const theirs = work.get(member.name);
    if (theirs === undefined) continue;
    const step = await mergeMember(repository, member, { ours, theirs, tips }, signal);
    if (typeof step === 'string') {
      if (step !== ours) merged.push(member.name);
      ours = step;
      continue;
    }
    // Keep the earlier merges, whatever happens to this one.
    await moveResult(repository, start, ours, session, signal);
    if (step.status === 'violation') return step;
    return {
      status: 'conflict',
      conflict: await beginMerge(repository, member.name, theirs, signal),
    };
  }
  await moveResult(repository, start, ours, session, signal);
  return { status: 'merged', commit: ours, merged, leftOut: [] };
}

/** Each teammate after its dependencies, and the lead last. */
function mergeOrder(repository: TeamRepository): readonly MemberSpec[] {
  const lead = repository.members.filter(({ role }) => role === 'lead');
  return [...inDependencyOrder(teammatesOf(repository)), ...lead];
}

/** @returns the result's commit with this member's work. */
async function mergeMember(
  repository: TeamRepository,
  { name, scope }: MemberSpec,
  { ours, theirs, tips }: { readonly ours: string; readonly theirs: string; readonly tips: Tips },
  signal: AbortSignal,
): Promise<string | { status: 'conflict' } | Extract<Consolidation, { status: 'violation' }>> {
  if (theirs === repository.base) return ours;
  const options = inOwn(repository, LEAD, signal);
  // The lead's own changes are checked in the result, where the lead can fix them.
  const isLead = name === LEAD;
  const violations = isLead ? [] : await scopeViolations(repository, name, theirs, tips, options);
  if (violations.length > 0) return { status: 'violation', agent: name, violations };
  const { tree, conflicts, changes } = await mergeTrees(ours, theirs, options);
  if (conflicts.length > 0) return { status: 'conflict' };
  // Check the outcome of the merge as well: that is what gets delivered.
  const effects = isLead ? [] : await violationsIn(changes, tree, scope, options);
  if (effects.length > 0) return { status: 'violation', agent: name, violations: effects };
  if (changes.length === 0) return ours;
  const message = mergeMessage(repository, name);
  const { ref } = repository;
  return writeCommit({ tree, parents: [ours, theirs], message, ref, agent: LEAD }, options);
}

async function moveResult(
  repository: TeamRepository,
  head: string,
  commit: string,
  session: string,
  signal: AbortSignal,
): Promise<void> {
  // If the runner is killed in between, the next attempt switches to the recorded commit. Merges that are not recorded
  // would look like the lead's own work, and be merged again.
  await writeProgress(session, { tip: commit });
  const options = inTree(repository, LEAD, signal);
  if (head !== commit) await git(['merge', '--quiet', '--ff-only', commit], options);
}

/** Changes that no agent may make. If there are none, the lead's changes outside its scope. */
async function violationsOfResult(
  repository: TeamRepository,
  commit: string,
  tips: Tips,
  signal: AbortSignal,
): Promise<readonly ScopeViolation[]> {
  const options = inOwn(repository, LEAD, signal);
  const changes = await changesBetween(repository.base, commit, options);
  const forbidden = [
    ...(await violationsIn(changes, commit, undefined, options)),
    ...(await placedChanges(repository, repository.base, commit, options)),
  ];
  if (forbidden.length > 0) return forbidden;
  return leadViolations(repository, commit, tips, options);
}

/** Starts a merge with conflict markers in the lead's worktree. */
async function beginMerge(
  repository: TeamRepository,
  agent: string,
  commit: string,
  signal: AbortSignal,
): Promise<MergeConflict> {
  const options = inTree(repository, LEAD, signal);
  const env = { ...options.env, ...identityEnvironment(repository.ref, LEAD) };
  const message = `--message=${mergeMessage(repository, agent)}`;
  // Changes of a file stay in it if another agent moved it, as in `mergeTrees`.
  const strategy = ['--strategy=recursive', '--strategy-option=no-renames'];
  const flags = ['--quiet', '--no-ff', '--no-commit', '--no-verify', ...strategy];
  const args = ['merge', ...flags, message, commit];
  await git(args, { ...options, env, accept: [0, 1] });
  return readConflict(repository, agent, nameOf(repository, agent), commit, signal);
}

/** The merge that an earlier call, or an earlier attempt of the step, left in progress. */
async function mergeInProgress(
  repository: TeamRepository,
  tips: Tips,
  signal: AbortSignal,
): Promise<MergeConflict | undefined> {
  const options = inTree(repository, LEAD, signal);
  const theirs = await findMergeHead(options);
  if (theirs === undefined) return undefined;
  const own = await findCommit(`refs/heads/${branchOf(repository, LEAD)}`, options);
  for (const [name, tip] of [...tips, [LEAD, own] as const]) {
    if (tip !== theirs) continue;
    return readConflict(repository, name, nameOf(repository, name), theirs, signal);
  }
  // A merge that the lead started itself is committed like any other change.
  return undefined;
}

/** The branch with an agent's work, in the lead's repository. */
function nameOf(repository: TeamRepository, agent: string): string {
  return agent === LEAD ? branchOf(repository, LEAD) : teamBranch(agent);
}

export function mergeMessage({ ref, members }: TeamRepository, agent: string): string {
  const prompt = members.find(({ name }) => name === agent)?.prompt ?? '';
  const task = prompt.split('\n').find((line) => line.trim() !== '') ?? '';
  return commitMessage(ref, agent, `Merge the work of ${agent}`, task.trim());
}
