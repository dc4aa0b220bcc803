import type { AgentTeam, Lead, Teammate } from '@agentteam/api';
import type { Problem } from '../problem.ts';

type Environment = NonNullable<AgentTeam['spec']['environment']>;

/** The lead and the teammates, each with its path in the team. */
export function agentsOf(
  team: AgentTeam,
): readonly { readonly agent: Lead | Teammate; readonly path: Problem['path'] }[] {
  return [
    { agent: team.spec.lead, path: ['spec', 'lead'] },
    ...team.spec.teammates.map((agent, index) => ({ agent, path: ['spec', 'teammates', index] })),
  ];
}

/** The environments that the team's file declares, each with its path in the team. */
export function environmentsOf(
  team: AgentTeam,
): readonly { readonly environment: Environment; readonly path: Problem['path'] }[] {
  return [{ agent: team.spec, path: ['spec'] }, ...agentsOf(team)].flatMap(({ agent, path }) =>
    agent.environment === undefined
      ? []
      : [{ environment: agent.environment, path: [...path, 'environment'] }],
  );
}
