import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import type { Tips } from '../handover/take.ts';
import { dependenciesOf, type TeamRepository } from '../repository.ts';
import { type GitOptions, gitLine } from '../run.ts';

/**
 * Refuses work that contains a commit of a teammate on which the agent does not depend. Agents can
 * read each other's work. One that merges another's commit and discards its changes would undo them:
 * git considers a commit in the history as merged, and the scope check, which compares files, would
 * find nothing.
 * @param options git options for a repository that has all work.
 * @throws StepFailure with `EXIT.scope` that names both agents, because a commit does not prove its
 *   author.
 */
export async function refuseForeignCommits(
  repository: TeamRepository,
  tips: Tips,
  options: GitOptions,
): Promise<void> {
  const agents = new Map<string, string>();
  for (const [name, tip] of tips) {
    for (const commit of await ownCommits(repository, name, tip, tips, options)) {
      const other = agents.get(commit);
      if (other !== undefined) throw inCommon(other, name, commit);
      agents.set(commit, name);
    }
  }
}

/** Commits of an agent's work that are neither in the base nor in the work of its dependencies. */
async function ownCommits(
  repository: TeamRepository,
  agent: string,
  tip: string,
  tips: Tips,
  options: GitOptions,
): Promise<readonly string[]> {
  const given = [...dependenciesOf(repository, agent)].flatMap((name) => tips.get(name) ?? []);
  const input = [tip, ...[repository.base, ...given].map((id) => `^${id}`), ''].join('\n');
  const found = await gitLine(['rev-list', '--stdin'], { ...options, input });
  return found === '' ? [] : found.split('\n');
}

function inCommon(one: string, other: string, commit: string): StepFailure {
  return new StepFailure(
    `The work of ${one} and of ${other} both contain the commit ${commit.slice(0, 12)}, but neither agent depends on the other. Merging both could undo changes of one of them. If one agent needs the other's work, add the other to its dependsOn.`,
    EXIT.scope,
  );
}
