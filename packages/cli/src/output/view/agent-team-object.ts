import type { AgentTeam } from '@agentteam/api';
import { visibleIn } from '@agentteam/text';
import type { HostedTeam } from '../../teams/team-host.ts';

/** A team as the API server of a cluster would show it. */
export function agentTeamObject({ team, status, createdAt }: HostedTeam): AgentTeam {
  return {
    ...team,
    metadata: { ...team.metadata, creationTimestamp: createdAt },
    status: visibleIn(status),
  };
}
