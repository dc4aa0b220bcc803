import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { readUntrustedJson, writeJson } from '@agentteam/volume';

/** In the lead's session directory, which no teammate can write to. */
const PROGRESS_FILE = 'consolidation.json';

export interface Progress {
  /** The last commit that the lead's runner put on the result branch. */
  readonly tip: string;
}

/** @param session directory of the lead's session. */
export async function readProgress(session: string): Promise<Progress | undefined> {
  const value = await readUntrustedJson(join(session, PROGRESS_FILE));
  if (typeof value !== 'object' || value === null || !('tip' in value)) return undefined;
  const { tip } = value;
  return typeof tip === 'string' && /^[0-9a-f]{40,64}$/.test(tip) ? { tip } : undefined;
}

export async function writeProgress(session: string, progress: Progress): Promise<void> {
  await mkdir(session, { recursive: true });
  // On the embedded engine, mount points are links.
  await writeJson(join(await realpath(session), PROGRESS_FILE), progress);
}
