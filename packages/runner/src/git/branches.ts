import type { TeamRepository } from './repository.ts';

/** The branch that an agent works on, in its own repository. */
export function branchOf({ ref }: Pick<TeamRepository, 'ref'>, agent: string): string {
  return agentBranch(ref.team, agent);
}

export function agentBranch(team: string, agent: string): string {
  return `agents/${team}/${agent}`;
}

/**
 * The name of a teammate's work in a repository that has taken it over:
 * `git show team/api:src/x.ts`.
 */
export function teamBranch(agent: string): string {
  return `team/${agent}`;
}

/** The ref of {@link teamBranch}. */
export function teamRef(agent: string): string {
  return `refs/remotes/${teamBranch(agent)}`;
}
