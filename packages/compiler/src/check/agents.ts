import type { AgentTeam, Lead, Teammate } from '@agentteam/api';
import type { Problem } from '../problem.ts';

/** The lead and the teammates, each with its path in the team. */
export function agentsOf(
  team: AgentTeam,
): readonly { readonly agent: Lead | Teammate; readonly path: Problem['path'] }[] {
  return [
    { agent: team.spec.lead, path: ['spec', 'lead'] },
    ...team.spec.teammates.map((agent, index) => ({ agent, path: ['spec', 'teammates', index] })),
  ];
}
