import { EXIT, LEAD } from '@agentteam/contract';
import { describeMerge, undeliverableChanges, unresolvedFiles } from '../../prompts/conflicts.ts';
import { StepFailure } from '../../step/failure.ts';
import type { TeamRepository } from '../repository.ts';
import { describeViolations, forbiddenChanges } from '../scope/violations.ts';
import type { CommittedWork } from '../worktree/commit-leftovers.ts';
import { concludeMerge } from './conclude.ts';
import type { MergeConflict } from './conflict.ts';
import { consolidate } from './consolidate.ts';

/** Turns that the lead gets for one conflict. */
const ROUNDS = 3;

/**
 * Merges all work on the result branch. The lead resolves the conflicts.
 * @param session directory that only the lead's runner can write to.
 * @param ask sends the lead a message, and settles when its turn has ended.
 * @returns the tip of the result branch.
 * @throws StepFailure with `EXIT.scope` when an agent changed files outside its scope (the lead gets
 *   one turn to undo its own changes), or with `EXIT.conflict` when a conflict stays unresolved. All
 *   files are left as they are.
 */
export async function consolidateWithLead(
  repository: TeamRepository,
  session: string,
  ask: (message: string) => Promise<void>,
  signal: AbortSignal,
): Promise<CommittedWork> {
  let asked = false;
  for (;;) {
    const outcome = await consolidate(repository, session, signal);
    if (outcome.status === 'merged') return outcome;
    if (outcome.status === 'conflict') {
      await resolve(repository, outcome.conflict, ask, signal);
      continue;
    }
    if (outcome.agent !== LEAD || asked) {
      throw new StepFailure(forbiddenChanges(outcome.agent, outcome.violations), EXIT.scope);
    }
    asked = true;
    await ask(undeliverableChanges(describeViolations(outcome.violations)));
  }
}

async function resolve(
  repository: TeamRepository,
  conflict: MergeConflict,
  ask: (message: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  // Git may find a conflict only because it follows files that were moved, which the merge does not.
  if (conflict.files.length === 0) {
    await concludeMerge(repository, conflict, signal);
    return;
  }
  let message = describeMerge(conflict, repository.members);
  let open: readonly string[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    await ask(message);
    open = await concludeMerge(repository, conflict, signal);
    if (open.length === 0) return;
    message = unresolvedFiles(open);
  }
  const files = open.map((path) => `- ${path}`).join('\n');
  const failure = `The work of ${conflict.agent} (${conflict.branch}) could not be merged. Unresolved conflicts:\n${files}`;
  throw new StepFailure(failure, EXIT.conflict);
}
