import type { AgentTeam, Lead, Teammate } from '@agentteam/api';
import type { Problem } from '../problem.ts';

/** Lead and teammates, each with its place in the team. */
export function agentsOf(
  team: AgentTeam,
): readonly { readonly agent: Lead | Teammate; readonly path: Problem['path'] }[] {
  return [
    { agent: team.spec.lead, path: ['spec', 'lead'] },
    ...team.spec.teammates.map((agent, index) => ({ agent, path: ['spec', 'teammates', index] })),
  ];
}
