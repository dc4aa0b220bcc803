import { LEAD, type MemberSpec } from '@agentteam/contract';
import { inDependencyOrder } from '../../step/dependency-order.ts';
import { findCommit, isAncestor, mergeTrees, writeCommit } from '../commits.ts';
import { type Tips, takeTeam } from '../handover/take.ts';
import { commitMessage, identityEnvironment } from '../identity.ts';
import type { LeftOut } from '../leftovers/left-out.ts';
import { branchOf, inOwn, inTree, teamBranch } from '../places.ts';
import { type TeamRepository, teammatesOf } from '../repository.ts';
import { restoreTrust } from '../restore-trust.ts';
import { git, gitLine } from '../run.ts';
import { refuseForeignCommits } from '../scope/apart.ts';
import { changesBetween } from '../scope/changes.ts';
import { leadViolations } from '../scope/lead-changes.ts';
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
      /** Members whose work this call merged. */
      readonly merged: readonly string[];
      /** What the lead left in its worktree that was not committed. */
      readonly leftOut: readonly LeftOut[];
    }
  | { readonly status: 'conflict'; readonly conflict: MergeConflict }
  | {
      readonly status: 'violation';
      readonly agent: string;
      readonly violations: readonly ScopeViolation[];
    };

/**
 * Merges what everybody handed over into the result branch, in the order of their dependencies, in
 * the lead's own repository. Called again it goes on where it was: after a conflict was resolved,
 * after the process was killed, after the lead changed something on the result branch.
 * @param session directory that the lead's runner alone can write to.
 */
export async function consolidate(
  repository: TeamRepository,
  session: string,
  signal: AbortSignal,
): Promise<Consolidation> {
  await restoreTrust(repository, LEAD);
  const own = inOwn(repository, LEAD, signal);
  const tips = await takeTeam(repository, own);
  await refuseForeignCommits(repository, tips, own);
  const open = await openConflict(repository, tips, signal);
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

/** Merges without a look at the worktree, which is brought up to date once, at the end. */
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
  let ours = await gitLine(['rev-parse', 'HEAD'], options);
  for (const member of mergeOrder(repository)) {
    const theirs = work.get(member.name);
    if (theirs === undefined) continue;
    const step = await mergeMember(repository, member, { ours, theirs, tips }, signal);
    if (typeof step === 'string') {
      if (step !== ours) merged.push(member.name);
      ours = step;
      continue;
    }
    // What came before stands, whatever becomes of this one.
    await bringResultTo(repository, ours, session, signal);
    if (step.status === 'violation') return step;
    return {
      status: 'conflict',
      conflict: await beginMerge(repository, member.name, theirs, signal),
    };
  }
  await bringResultTo(repository, ours, session, signal);
  return { status: 'merged', commit: ours, merged, leftOut: [] };
}

/** Teammates after those they depend on, the lead last. */
function mergeOrder(repository: TeamRepository): readonly MemberSpec[] {
  const lead = repository.members.filter(({ role }) => role === 'lead');
  return [...inDependencyOrder(teammatesOf(repository)), ...lead];
}

/** @returns what the result is with it. */
async function mergeMember(
  repository: TeamRepository,
  { name, scope }: MemberSpec,
  { ours, theirs, tips }: { readonly ours: string; readonly theirs: string; readonly tips: Tips },
  signal: AbortSignal,
): Promise<string | { status: 'conflict' } | Extract<Consolidation, { status: 'violation' }>> {
  const options = inOwn(repository, LEAD, signal);
  // The lead's own changes are checked in the result, where it can put them right.
  const isLead = name === LEAD;
  const violations = isLead ? [] : await scopeViolations(repository, name, theirs, tips, options);
  if (violations.length > 0) return { status: 'violation', agent: name, violations };
  if (await isAncestor(theirs, ours, options)) return ours;
  const { tree, conflicts } = await mergeTrees(ours, theirs, options);
  if (conflicts.length > 0) return { status: 'conflict' };
  // Checked once more in what really comes of the merge, which is what counts.
  const changes = await changesBetween(ours, tree, options);
  const effects = isLead ? [] : await violationsIn(changes, tree, scope, options);
  if (effects.length > 0) return { status: 'violation', agent: name, violations: effects };
  if (changes.length === 0) return ours;
  const message = mergeMessage(repository, name);
  const { ref } = repository;
  return writeCommit({ tree, parents: [ours, theirs], message, ref, agent: LEAD }, options);
}

async function bringResultTo(
  repository: TeamRepository,
  commit: string,
  session: string,
  signal: AbortSignal,
): Promise<void> {
  const options = inTree(repository, LEAD, signal);
  const head = await gitLine(['rev-parse', 'HEAD'], options);
  if (head !== commit) await git(['merge', '--quiet', '--ff-only', commit], options);
  await writeProgress(session, { tip: commit });
}

/** What nobody may do, and what the lead has done outside of its own scope. */
async function violationsOfResult(
  repository: TeamRepository,
  commit: string,
  tips: Tips,
  signal: AbortSignal,
): Promise<readonly ScopeViolation[]> {
  const options = inOwn(repository, LEAD, signal);
  const changes = await changesBetween(repository.base, commit, options);
  const forbidden = await violationsIn(changes, commit, undefined, options);
  if (forbidden.length > 0) return forbidden;
  return leadViolations(repository, commit, tips, options);
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
  return readConflict(repository, agent, nameOf(repository, agent), commit, signal);
}

/** The merge that an earlier call, or an earlier attempt of the step, left open. */
async function openConflict(
  repository: TeamRepository,
  tips: Tips,
  signal: AbortSignal,
): Promise<MergeConflict | undefined> {
  const options = inTree(repository, LEAD, signal);
  const theirs = await findCommit('MERGE_HEAD', options);
  if (theirs === undefined) return undefined;
  const own = await findCommit(`refs/heads/${branchOf(repository, LEAD)}`, options);
  for (const [name, tip] of [...tips, [LEAD, own] as const]) {
    if (tip !== theirs) continue;
    return readConflict(repository, name, nameOf(repository, name), theirs, signal);
  }
  // Some merge of the lead's own: what it has made of it is committed like anything else.
  return undefined;
}

/** What an agent's work is called in the lead's repository. */
function nameOf(repository: TeamRepository, agent: string): string {
  return agent === LEAD ? branchOf(repository, LEAD) : teamBranch(agent);
}

export function mergeMessage({ ref, members }: TeamRepository, agent: string): string {
  const prompt = members.find(({ name }) => name === agent)?.prompt ?? '';
  const task = prompt.split('\n').find((line) => line.trim() !== '') ?? '';
  return commitMessage(ref, agent, `Merge the work of ${agent}`, task.trim());
}
