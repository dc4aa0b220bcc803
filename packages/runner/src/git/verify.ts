import { EXIT, LEAD } from '@agentteam/contract';
import { StepFailure } from '../step/failure.ts';
import { isAncestor } from './commits.ts';
import type { Tips } from './handover/take.ts';
import type { TeamRepository } from './repository.ts';
import type { GitOptions } from './run.ts';
import { refuseForeignCommits } from './scope/apart.ts';
import { changesBetween } from './scope/changes.ts';
import { leadViolations } from './scope/lead-changes.ts';
import { scopeViolations } from './scope/own-changes.ts';
import { describeViolations, type ScopeViolation, violationsIn } from './scope/violations.ts';

/**
 * Checks once more, in a step that no agent is in, what the lead's runner checked beside its agent:
 * every teammate's scope, the lead's, and what nobody may deliver.
 * @param result the commit that the lead handed over.
 * @param options of a call in a trusted clone that has the result and all work.
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
    throw new StepFailure(
      `${result} does not begin at ${base}, where the team began.`,
      EXIT.refused,
    );
  }
  for (const [name, tip] of tips) {
    const violations = await scopeViolations(repository, name, tip, tips, options);
    if (violations.length > 0) throw outsideScope(name, violations);
  }
  await refuseForeignCommits(repository, tips, options);
  const changes = await changesBetween(base, result, options);
  const forbidden = await violationsIn(changes, result, undefined, options);
  if (forbidden.length > 0) {
    const files = describeViolations(forbidden);
    throw new StepFailure(`The result has files that cannot be delivered:\n${files}`, EXIT.scope);
  }
  const added = await leadViolations(repository, result, tips, options);
  if (added.length > 0) throw outsideScope(LEAD, added);
}

function outsideScope(agent: string, violations: readonly ScopeViolation[]): StepFailure {
  const files = describeViolations(violations);
  return new StepFailure(`${agent} changed what it may not:\n${files}`, EXIT.scope);
}
