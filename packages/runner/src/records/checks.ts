import { join } from 'node:path';
import { FILES, LEAD } from '@agentteam/contract';
import { readUntrustedJson, writeJson } from '@agentteam/volume';

/** The code that is checked runs in the same container and could write this file. */
const MAX_BYTES = 64 * 1024;

/**
 * Records the results of the checks for `deliver` and `finish`.
 * @param ownState the lead's directory in the state directory.
 * @param lines one line for each check.
 */
export async function recordChecks(ownState: string, lines: string): Promise<void> {
  await writeJson(join(ownState, FILES.checks), { lines });
}

/** @param state the state directory, with a directory for each agent. */
export async function readChecks(state: string): Promise<string | undefined> {
  const value = await readUntrustedJson(join(state, LEAD, FILES.checks), MAX_BYTES);
  const { lines } = (value ?? {}) as { readonly lines?: unknown };
  return typeof lines === 'string' ? lines : undefined;
}
