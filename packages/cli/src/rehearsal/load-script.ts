import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { completeScript, defaultScript, type Script } from '@agentteam/rehearsal';
import { usageError } from '../failure.ts';
import { parseRehearsalScript } from './rehearsal-source.ts';

/**
 * Loads a rehearsal script. Parts that the file omits, or the whole script without a file, are generated
 * from the team.
 * @throws Failure when the file cannot be read, or listing every problem of its script.
 */
export async function loadScript(team: AgentTeam, cwd: string, file?: string): Promise<Script> {
  if (file === undefined) return defaultScript(team);
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: Error) => {
    throw usageError(`the rehearsal script ${file} cannot be read: ${error.message}`);
  });
  return completeScript(parseRehearsalScript(text, file), team);
}
