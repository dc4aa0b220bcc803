import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { LEAD, parseQuestionId, shownName } from '@agentteam/contract';
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
  const script = parseRehearsalScript(text, file);
  checkAgents(script, team, file);
  return completeScript(script, team);
}

/** @throws Failure if the script names an agent that the team does not have: nobody would play it. */
function checkAgents({ agents, people = {} }: Script, { spec }: AgentTeam, file: string): void {
  const known = [LEAD, ...spec.teammates.map(({ name }) => name)];
  const { answers = [], messages = [], pauses = [] } = people;
  const named = {
    agents: [
      ...Object.keys(agents),
      ...Object.values(agents).flatMap(({ turns }) =>
        turns.flatMap(({ until }) => until?.mail ?? []),
      ),
    ],
    people: [
      ...answers.flatMap(({ question }) => parseQuestionId(question)?.agent ?? []),
      ...messages.flatMap(({ to, after }) => [...(to === undefined ? [] : [to]), after.agent]),
      ...pauses.map(({ after }) => after.agent),
    ],
  };
  for (const [part, names] of Object.entries(named)) {
    const unknown = names.find((agent) => !known.includes(agent));
    if (unknown === undefined) continue;
    throw usageError(
      `${file}: ${part}: the team has no agent ${unknown}`,
      `Its agents: ${known.map(shownName).join(', ')}`,
    );
  }
}
