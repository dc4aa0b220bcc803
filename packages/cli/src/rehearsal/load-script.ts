import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { completeScript, defaultScript, type Script } from '@agentteam/rehearsal';
import { usageError } from '../failure.ts';
import { parseRehearsalScript } from './rehearsal-source.ts';

/**
 * The script that a team is rehearsed by: the file's, with what it leaves out made from the team.
 * @throws Failure for a file that cannot be read, and with every problem of one that is not valid.
 */
export async function loadScript(team: AgentTeam, cwd: string, file?: string): Promise<Script> {
  if (file === undefined) return defaultScript(team);
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: Error) => {
    throw usageError(`the rehearsal script ${file} cannot be read: ${error.message}`);
  });
  return completeScript(parseRehearsalScript(text, file), team);
}
