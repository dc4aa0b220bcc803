import { join } from 'node:path';
import { type AgentActivity, FILES, toActivity } from '@agentteam/contract';
import { mapFew } from './file/each.ts';
import { LIMITS } from './file/limits.ts';
import { isSafeName } from './file/name.ts';
import { inDirectory } from './file/open-directory.ts';
import { readUntrustedJson } from './file/read.ts';
import { writeJson } from './file/write.ts';

/**
 * Records what an agent is doing. The file is not part of `state.json`, which contains a report and would be
 * written anew for each call of a tool.
 * @param directory the agent's own state directory. It must exist.
 */
export async function writeAgentActivity(
  directory: string,
  activity: AgentActivity,
): Promise<void> {
  // After a loss of power nobody needs the content.
  await writeJson(join(directory, FILES.activity), activity, { durable: false });
}

/**
 * Reads what some agents are doing, by agent. An agent without a valid file has no entry: the file only
 * informs people, and {@link readStates} reports a directory that cannot be read.
 * @param directory the states of all agents.
 */
export async function readAgentActivities(
  directory: string,
  agents: readonly string[],
): Promise<ReadonlyMap<string, AgentActivity>> {
  const found = await mapFew(agents.filter(isSafeName), async (agent) => {
    const value = await inDirectory(directory, [agent], (path) =>
      readUntrustedJson(join(path, FILES.activity), LIMITS.activityBytes),
    ).catch(() => undefined);
    const activity = toActivity(value);
    return activity === undefined ? [] : [[agent, activity] as const];
  });
  return new Map(found.flat());
}
