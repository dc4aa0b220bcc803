import type { AgentSpec } from '@agentteam/contract';
import { listTasks, type NativeTeam, updateTask } from '@agentteam/volume';
import { ASSIGNMENT } from '../records/assignment.ts';
import { goOnWithout } from './team-files.ts';

/**
 * Puts an agent's whole prompt into its task. What sets the team up is told only the beginning of a long
 * one: no pod could be told all prompts of a large team.
 */
export async function describeOwnTask(
  native: NativeTeam,
  { name, prompt }: AgentSpec,
): Promise<void> {
  const tasks = await listTasks(native);
  const own = tasks.find(({ metadata }) => metadata?.[ASSIGNMENT] === name);
  if (own === undefined || own.description === prompt) return;
  await updateTask(native, own.id, () => ({ description: prompt })).catch(goOnWithout);
}
