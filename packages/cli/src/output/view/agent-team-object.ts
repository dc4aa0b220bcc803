import type { AgentTeam } from '@agentteam/api';
import { visibleIn } from '@agentteam/text';
import type { HostedTeam } from '../../teams/team-host.ts';

/** Makes the AgentTeam object with its status, as an API server would return it. */
export function agentTeamObject({ team, status, createdAt }: HostedTeam): AgentTeam {
  return {
    ...team,
    metadata: { ...team.metadata, creationTimestamp: createdAt },
    status: visibleIn(status),
  };
}
