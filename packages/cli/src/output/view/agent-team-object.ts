import type { AgentTeam } from '@agentteam/api';
import { visibleIn } from '@agentteam/text';
import type { HostedTeam } from '../../teams/team-host.ts';

/**
 * Makes the AgentTeam object with its status, as an API server would return it. Its name is the one that
 * commands take: on this machine several runs can have the same team.
 */
export function agentTeamObject({ name, team, status, createdAt }: HostedTeam): AgentTeam {
  return {
    ...team,
    metadata: { ...team.metadata, name, creationTimestamp: createdAt },
    status: visibleIn(status),
  };
}
