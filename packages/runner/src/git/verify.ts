import { EXIT, LEAD } from '@agentteam/contract';
import { StepFailure } from '../step/failure.ts';
import { isAncestor } from './commits.ts';
import type { Tips } from './handover/take.ts';
import type { TeamRepository } from './repository.ts';
import type { GitOptions } from './run.ts';
import { changesBetween } from './scope/changes.ts';
import { refuseForeignCommits } from './scope/foreign-commits.ts';
import { leadViolations } from './scope/lead-changes.ts';
import { scopeViolations } from './scope/own-changes.ts';
import { placedChanges } from './scope/placed.ts';
import {
  describeViolations,
  forbiddenChanges,
  type ScopeViolation,
  violationsIn,
} from './scope/violations.ts';

/**
 * Checks the scopes of all agents, and what no agent may change. The lead's runner has checked that
 * too, but beside its agent; this runs in a step without one.
 * @param result the commit that the lead handed over.
 * @param options git options for a trusted clone that has the result and all work.
 * @throws StepFailure that names the agent and its files.
 */
export async function verifyResult(
  repository: TeamRepository,
  result: string,
  tips: Tips,
  options: GitOptions,
): Promise<void> {
  const { base } = repository;
  if (!(await isAncestor(base, result, options))) {
    const message = `The result ${result} is not based on ${base}, the commit that the team started from.`;
    throw new StepFailure(message, EXIT.refused);
  }
  for (const [name, tip] of tips) {
    const violations = await scopeViolations(repository, name, tip, tips, options);
    if (violations.length > 0) throw outsideScope(name, violations);
  }
  await refuseForeignCommits(repository, tips, options);
  const changes = await changesBetween(base, result, options);
  const forbidden = [
    ...(await violationsIn(changes, result, undefined, options)),
    ...(await placedChanges(repository, base, result, options)),
  ];
  if (forbidden.length > 0) {
    const files = describeViolations(forbidden);
    throw new StepFailure(`The result has files that cannot be delivered:\n${files}`, EXIT.scope);
  }
  const added = await leadViolations(repository, result, tips, options);
  if (added.length > 0) throw outsideScope(LEAD, added);
}

function outsideScope(agent: string, violations: readonly ScopeViolation[]): StepFailure {
  return new StepFailure(forbiddenChanges(agent, violations), EXIT.scope);
}
