import { writeFile } from 'node:fs/promises';
import { ENV } from '@agentteam/contract';
import { countTasks, listTasks, type NativeTeam } from '@agentteam/volume';

/** Writes an agent's own tasks, done of owned, where Argo looks for a step's progress. */
export async function writeProgress(
  env: NodeJS.ProcessEnv,
  native: NativeTeam,
  agent: string,
): Promise<void> {
  const file = env[ENV.progress];
  if (file === undefined) return;
  const { total, completed } = countTasks(await listTasks(native), agent);
  // Argo takes no `0/0`; and a step that shows nothing is no reason to fail it.
  if (total > 0) await writeFile(file, `${completed}/${total}`).catch(() => {});
}
