import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AGENT_PHASES, type AgentState, FILES } from '@agentteam/contract';
import { isSafeName, safeName } from './file/name.ts';
import { isRecord, readUntrustedJson } from './file/read.ts';
import { writeJson } from './file/write.ts';

/**
 * @param directory the agent's own state directory (`PATHS.ownState`, or `state/<agent>` on the
 * whole volume). It has to exist.
 */
export async function writeAgentState(directory: string, state: AgentState): Promise<void> {
  await writeJson(join(directory, FILES.state), state);
}

/** @param directory all agents' states: `<directory>/<agent>/state.json`. */
export async function readAgentState(
  directory: string,
  agent: string,
): Promise<AgentState | undefined> {
  const value = await readUntrustedJson(join(directory, safeName(agent), FILES.state));
  if (!isAgentState(value)) return undefined;
  // Whose state it is says the directory, which only its own agent can write to.
  return { ...value, name: agent };
}

/** All states in a directory, by agent. Agents that have none yet are left out. */
export async function readAgentStates(directory: string): Promise<ReadonlyMap<string, AgentState>> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const states = await Promise.all(
    names.filter(isSafeName).map((name) => readAgentState(directory, name)),
  );
  return new Map(states.flatMap((state) => (state ? [[state.name, state] as const] : [])));
}

function isAgentState(value: unknown): value is AgentState {
  return (
    isRecord(value) &&
    AGENT_PHASES.some((phase) => phase === value['phase']) &&
    isCount(value['attempt']) &&
    isCount(value['turns']) &&
    typeof value['sessionId'] === 'string' &&
    typeof value['startedAt'] === 'string' &&
    ['endedAt', 'report', 'message'].every(
      (field) => value[field] === undefined || typeof value[field] === 'string',
    )
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
