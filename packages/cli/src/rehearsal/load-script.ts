import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { nearest } from '@agentteam/compiler';
import { LEAD, parseQuestionId, shownName } from '@agentteam/contract';
import { completeScript, defaultScript, type Script } from '@agentteam/rehearsal';
import { usageError } from '../failure.ts';
import { parseRehearsalScript } from './rehearsal-source.ts';

/**
 * Loads a rehearsal script. Parts that the file omits, or the whole script without a file, are generated
 * from the team.
 * @param origin the file that messages name; default: `file`.
 * @throws Failure when the file cannot be read, or listing every problem of its script.
 */
export async function loadScript(
  team: AgentTeam,
  cwd: string,
  file?: string,
  origin?: string,
): Promise<Script> {
  if (file === undefined) return defaultScript(team);
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: Error) => {
    throw usageError(`the rehearsal script ${file} cannot be read: ${error.message}`);
  });
  const named = origin ?? file;
  const script = parseRehearsalScript(text, named);
  checkAgents(script, team, named);
  return completeScript(script, team);
}

/**
 * @throws Failure if a person acts on an agent that the team does not have, or an agent's name is misspelled. A
 * script may have more agents than the team, because several teams can share it.
 */
export function checkAgents(
  { agents, people = {} }: Script,
  { spec }: AgentTeam,
  file: string,
): void {
  const known = [LEAD, ...spec.teammates.map(({ name }) => name)];
  const refuse = (part: 'agents' | 'people', name: string, meant?: string): never => {
    throw usageError(
      `${file}: ${part}: the team has no agent ${name}`,
      meant === undefined
        ? `Its agents: ${known.map(shownName).join(', ')}`
        : `Did you mean ${shownName(meant)}?`,
    );
  };
  const unscripted = known.filter((name) => !Object.hasOwn(agents, name));
  for (const name of Object.keys(agents).filter((agent) => !known.includes(agent))) {
    const meant = nearest(name, unscripted);
    if (meant !== undefined) refuse('agents', name, meant);
  }
  const { answers = [], messages = [], interrupts = [], pauses = [] } = people;
  const unknown = [
    ...answers.flatMap(({ question }) => parseQuestionId(question)?.agent ?? []),
    ...messages.flatMap(({ to, after }) => [...(to === undefined ? [] : [to]), after.agent]),
    ...[...interrupts, ...pauses].map(({ after }) => after.agent),
  ].find((agent) => !known.includes(agent));
  if (unknown !== undefined) refuse('people', unknown);
}
