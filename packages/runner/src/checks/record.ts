import { join } from 'node:path';
import { FILES, LEAD } from '@agentteam/contract';
import { readUntrustedJson, writeJson } from '@agentteam/volume';

/** Far more than any list of checks. The code that is checked runs in the same container and could write it. */
const MAX_BYTES = 64 * 1024;

/**
 * Keeps what the checks found, for the pull request and the last step.
 * @param ownState directory of the lead's own state.
 */
export async function recordChecks(ownState: string, lines: string): Promise<void> {
  await writeJson(join(ownState, FILES.checks), { lines });
}

/** @param state directory of all agents' states. */
export async function readChecks(state: string): Promise<string | undefined> {
  const value = await readUntrustedJson(join(state, LEAD, FILES.checks), MAX_BYTES);
  const { lines } = (value ?? {}) as { readonly lines?: unknown };
  return typeof lines === 'string' ? lines : undefined;
}
