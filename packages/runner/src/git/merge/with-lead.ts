import { EXIT, LEAD } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import type { TeamRepository } from '../repository.ts';
import { describeViolations } from '../scope/violations.ts';
import type { CommittedWork } from '../worktree/leftovers.ts';
import { concludeMerge } from './conclude.ts';
import { describeConflict, type MergeConflict } from './conflict.ts';
import { consolidate } from './consolidate.ts';

/** How often the lead is asked about one conflict. */
const ROUNDS = 3;

/**
 * Brings all work together on the result branch, with the lead's help where branches conflict.
 * @param session directory that the lead's runner alone can write to.
 * @param ask gives the lead a message; settles when its turn has ended.
 * @returns the commit that the result branch is at.
 * @throws StepFailure with `EXIT.scope` (the lead's own: when it was asked once and did not put it
 *   right) or `EXIT.conflict`; everything is kept as it is then.
 */
export async function consolidateWithLead(
  repository: TeamRepository,
  session: string,
  ask: (message: string) => Promise<void>,
  signal: AbortSignal,
): Promise<CommittedWork> {
  let told = false;
  for (;;) {
    const outcome = await consolidate(repository, session, signal);
    if (outcome.status === 'merged') return outcome;
    if (outcome.status === 'conflict') {
      await resolve(repository, outcome.conflict, ask, signal);
      continue;
    }
    const files = describeViolations(outcome.violations);
    if (outcome.agent !== LEAD || told) {
      throw new StepFailure(`${outcome.agent} changed what it may not:\n${files}`, EXIT.scope);
    }
    told = true;
    await ask(
      `The result has changes that cannot be delivered:\n${files}\nUndo them in your worktree, then end your turn. What you leave is committed for you.`,
    );
  }
}

async function resolve(
  repository: TeamRepository,
  conflict: MergeConflict,
  ask: (message: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let message = describeConflict(conflict, repository.members);
  let open: readonly string[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    await ask(message);
    open = await concludeMerge(repository, conflict, signal);
    if (open.length === 0) return;
    const files = open.map((path) => `- ${JSON.stringify(path)}`).join('\n');
    message = `These files are not resolved yet:\n${files}\nThey must have no conflict markers, and the merge must not be aborted.`;
  }
  const files = open.map((path) => `- ${path}`).join('\n');
  const words = `The work of ${conflict.agent} (${conflict.branch}) could not be merged. Open conflicts:\n${files}`;
  throw new StepFailure(words, EXIT.conflict);
}
