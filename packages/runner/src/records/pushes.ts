import { join } from 'node:path';
import { readUntrustedJson, writeJson } from '@agentteam/volume';

/** In `PATHS.state`, which agents cannot write to. Agent names cannot contain a dot. */
const FILE = 'pushes.json';

/** The commits that this team has pushed, or was about to push when it was killed. */
export async function readPushes(state: string): Promise<readonly string[]> {
  const value = await readUntrustedJson(join(state, FILE));
  return Array.isArray(value) ? value.filter((commit) => typeof commit === 'string') : [];
}

/** Records a commit before it is pushed. @param state real path of the state directory. */
export async function recordPush(state: string, commit: string): Promise<void> {
  const before = await readPushes(state);
  if (!before.includes(commit)) await writeJson(join(state, FILE), [...before, commit]);
}
