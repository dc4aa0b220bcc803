import { join } from 'node:path';
import type { ActivityKind, AgentActivity } from '@agentteam/contract';
import { readAgentActivities, waitInDirectory } from '@agentteam/volume';
import { never } from '../../support/team.ts';

/**
 * Resolves when an agent does something of this kind.
 * @param state the states of all agents.
 * @param after an earlier activity of the agent.
 */
export function activityIn(
  state: string,
  agent: string,
  kind: ActivityKind,
  after?: AgentActivity,
): Promise<AgentActivity> {
  const found = async (): Promise<AgentActivity | undefined> => {
    const activity = (await readAgentActivities(state, [agent])).get(agent);
    return activity?.kind === kind && activity.since > (after?.since ?? '') ? activity : undefined;
  };
  return waitInDirectory(join(state, agent), found, { signal: never });
}
