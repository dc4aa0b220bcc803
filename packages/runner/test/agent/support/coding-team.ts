import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY, type RepositoryRef, VOLUME } from '@agentteam/contract';
import { openRepository } from '../../../src/git/repository.ts';
import { makeRepository, shell, temporaryDirectory } from '../../support/shell.ts';
import { handOverWork } from '../../support/work.ts';
import { AgentTeam, type AgentTeamOptions } from './agent-team.ts';

/** A team over a new repository with `a.txt` and `b.txt`, each `base`. */
export async function makeCodingAgents(
  options: AgentTeamOptions,
  files: Readonly<Record<string, string>> = {},
  settings: Partial<RepositoryRef> = {},
): Promise<AgentTeam> {
  const directory = await temporaryDirectory();
  const url = join(directory, 'source');
  await makeRepository(url, { 'a.txt': 'base\n', 'b.txt': 'base\n', ...files });
  const team = await AgentTeam.make({
    ...options,
    repository: {
      url,
      branch: 'main',
      worktreeStrategy: 'per-teammate',
      resultBranch: 'teams/crew',
      setupCommand: [],
      ...settings,
    },
  });
  // Setup has cloned it, so it is not needed any more.
  await rm(directory, { recursive: true });
  return team;
}

/** The worktree of an agent. */
export function treeOf(team: AgentTeam, agent: string): string {
  return join(team.place.volume, VOLUME.repository, REPOSITORY.trees, agent);
}

/** Commits the changes of a script in an agent's worktree, and hands them over as the agent's end does. */
export async function commit(team: AgentTeam, agent: string, script: string): Promise<void> {
  await shell(treeOf(team, agent), `${script}; git add -A; git commit --quiet -m work`);
  const state = join(team.place.volume, VOLUME.state);
  const repository = await openRepository(team.place.root, team.spec, state);
  await handOverWork(repository, agent);
}

/** A call that keeps the agent busy until {@link releaseTrees}. */
export const HOLD_IN_TREE = {
  name: 'Bash',
  input: { command: 'until [ -e ../go ]; do sleep 0.1; done' },
};

export async function releaseTrees(team: AgentTeam): Promise<void> {
  await mkdir(treeOf(team, 'go'));
}
