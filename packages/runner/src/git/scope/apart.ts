import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import type { Tips } from '../handover/take.ts';
import { dependenciesOf, type TeamRepository } from '../repository.ts';
import { type GitOptions, gitLine } from '../run.ts';

/**
 * Refuses work that contains a commit of another teammate's, on which its agent does not depend. All
 * agents can read what others handed over. One that merged another's commit and discarded its
 * changes would undo them: git takes a commit that is in the history for merged, and the scope,
 * which is about files, would show nothing.
 * @param options of a call in a repository that has all work.
 * @throws StepFailure with `EXIT.scope` that names both agents: the commit does not say whose it is.
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

/** What an agent's work has besides the base and the work of all that it depends on. */
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
    `The work of ${one} and the work of ${other} both contain the commit ${commit.slice(0, 12)}, and neither agent depends on the other. Merging both could undo changes of one of them. If one needs the other's work, add it to its dependsOn.`,
    EXIT.scope,
  );
}
