import type { AgentTeam } from '@agentteam/api';
import type { ClusterChoice } from '../../cluster/connection/connection.ts';
import type { OnlyCopy } from '../team-host.ts';
import { referenceTo } from './cluster-team.ts';

/** Finds work of a coding team that was not pushed, so that only the team's shared claim has it. */
export function unpushedWork(team: AgentTeam, choice: ClusterChoice): OnlyCopy | undefined {
  const { metadata, spec, status = {} } = team;
  const { startedAt, completedAt, consolidatedBranch } = status;
  const isUnpushed = spec.repository !== undefined && consolidatedBranch === undefined;
  if (!isUnpushed || startedAt === undefined) return undefined;
  const fetch = `agentteam outputs ${referenceTo(team, choice)} --to DIRECTORY`;
  return {
    description: `the work of ${metadata.name} was not pushed, and would be deleted with the team`,
    keep: completedAt === undefined ? `wait until the team has ended, then run ${fetch}` : fetch,
  };
}
