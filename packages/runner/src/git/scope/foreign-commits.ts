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
  if (tips.size === 0) return;
  const parents = await newCommits(repository, tips, options);
  const agents = new Map<string, string>();
  for (const [name, tip] of tips) {
    const given = [...dependenciesOf(repository, name)].flatMap((other) => tips.get(other) ?? []);
    const inherited = reachable(given, parents, new Set());
    for (const commit of reachable([tip], parents, inherited)) {
      const other = agents.get(commit);
      if (other !== undefined) throw inCommon(other, name, commit);
      agents.set(commit, name);
    }
  }
}

/** The commits of all work that are not in the base, with the parents of each. */
async function newCommits(
  { base }: TeamRepository,
  tips: Tips,
  options: GitOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const input = [...tips.values(), `^${base}`, ''].join('\n');
  const found = await gitLine(['rev-list', '--parents', '--stdin'], { ...options, input });
  return new Map(
    found.split('\n').map((line) => {
      const [commit = '', ...parents] = line.split(' ');
      return [commit, parents] as const;
    }),
  );
}

/** The commits that can be reached from some others, apart from those to leave out. */
function reachable(
  from: readonly string[],
  parents: ReadonlyMap<string, readonly string[]>,
  without: ReadonlySet<string>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const rest = [...from];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const known = parents.get(next);
    if (known === undefined || found.has(next) || without.has(next)) continue;
    found.add(next);
    for (const parent of known) rest.push(parent);
  }
  return found;
}

function inCommon(one: string, other: string, commit: string): StepFailure {
  return new StepFailure(
    `The work of ${one} and of ${other} both contain the commit ${commit.slice(0, 12)}, but neither agent depends on the other. Merging both could undo changes of one of them. If one agent needs the other's work, add the other to its dependsOn.`,
    EXIT.scope,
  );
}
