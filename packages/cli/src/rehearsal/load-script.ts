import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { LEAD } from '@agentteam/contract';
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
  const script = completeScript(parseRehearsalScript(text, file), team);
  checkReceivers(script, team, file);
  return script;
}

/** @throws Failure if a person writes to an agent that the team does not have, or waits for one. */
function checkReceivers({ people = {} }: Script, { spec }: AgentTeam, file: string): void {
  const known = [LEAD, ...spec.teammates.map(({ name }) => name)];
  const { messages = [], pauses = [] } = people;
  const named = [
    ...messages.flatMap(({ to, after }) => [...(to === undefined ? [] : [to]), after.agent]),
    ...pauses.map(({ after }) => after.agent),
  ];
  const unknown = named.find((agent) => !known.includes(agent));
  if (unknown === undefined) return;
  throw usageError(
    `${file}: people: the team has no agent ${unknown}`,
    `Its agents: ${known.join(', ')}`,
  );
}
