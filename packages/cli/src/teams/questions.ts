import {
  agentNamed,
  answeredAlready,
  LEAD,
  parseQuestionId,
  shownName,
  wholeSeconds,
} from '@agentteam/contract';
import { type StatusQuestion, teamExitCode } from '@agentteam/status';
import { shellWord } from '@agentteam/text';
import { chosen } from '@agentteam/volume';
import { Failure } from '../failure.ts';
import { oneLine } from '../output/terminal/safe.ts';
import type { HostedTeam } from './team-host.ts';

/** Whether a question waits for an answer. */
export function isOpen({ answer, unanswered }: StatusQuestion): boolean {
  return answer === undefined && unanswered === undefined;
}

/** The questions that wait for an answer, oldest first. */
export function openQuestionsOf({ status }: Pick<HostedTeam, 'status'>): readonly StatusQuestion[] {
  return (status.questions ?? []).filter(isOpen);
}

/** The part of a team in which questions are found. */
export type AskingTeam = Pick<HostedTeam, 'name' | 'team' | 'status'>;

/**
 * Finds the question that a person answers, and what the answer is.
 * @param words see `AnswerOptions`.
 * @throws Failure if no question, or more than one, can be meant, or it does not wait any more.
 */
export function addressed(
  hosted: AskingTeam,
  words: readonly string[],
): { readonly question: StatusQuestion; readonly text: string } {
  const [first = '', ...rest] = words;
  const isTargeted = isTarget(hosted, first);
  if (isTargeted !== rest.length > 0) throw ambiguous(hosted, words, isTargeted);
  const question = questionIn(hosted, isTargeted ? first : undefined);
  const text = chosen(question, (isTargeted ? rest : words).join(' '));
  if (text === '') throw new Failure('the answer is empty');
  return { question, text };
}

/** An answer cannot be taken back, so a word that was mistyped or forgotten must not become a part of it. */
function ambiguous({ name, team }: AskingTeam, words: readonly string[], isTargeted: boolean) {
  const [first = ''] = words;
  if (isTargeted) {
    return new Failure(`the answer to ${first} is missing`, {
      hint: `Write it after the name: agentteam answer ${name} ${first} "…"`,
    });
  }
  const agents = agentsOf(team).map(shownName);
  return new Failure(`${oneLine(first)} is neither an agent of ${name} nor the id of a question`, {
    hint: `Put the answer in quotes: agentteam answer ${name} ${shellWord(words.join(' '))}\n  Agents: ${agents.join(', ')}`,
  });
}

function agentsOf({ spec }: AskingTeam['team']): readonly string[] {
  return [LEAD, ...spec.teammates.map(({ name }) => name)];
}

/** Whether a word names an agent of the team or has the form of a question's id. */
function isTarget({ team }: AskingTeam, word: string): boolean {
  return agentsOf(team).includes(agentNamed(word)) || parseQuestionId(word) !== undefined;
}

/** @param target id of the question, or name of the agent that asks; absent for the only open question. */
function questionIn(hosted: AskingTeam, target: string | undefined): StatusQuestion {
  const { name, team, status } = hosted;
  if (team.spec.lifecycle.questions === undefined) {
    throw new Failure(`the agents of ${name} cannot ask people`, {
      hint: 'lifecycle.questions in the team file lets them.',
    });
  }
  const all = status.questions ?? [];
  const exact = all.find(({ id }) => id === target);
  if (exact !== undefined && !isOpen(exact)) throw closed(exact);
  const agent = target && shownName(target);
  const meant = all.filter((question) => agent === undefined || question.agent === agent);
  if (teamExitCode(status) !== undefined) {
    const last = target === undefined ? undefined : meant.at(-1);
    throw last === undefined || isOpen(last) ? new Failure(`${name} has ended`) : closed(last);
  }
  if (exact !== undefined) return exact;
  const open = meant.filter(isOpen);
  const [only] = open;
  if (only !== undefined && open.length === 1) return only;
  const waiting = openQuestionsOf(hosted).map(({ id }) => id);
  const where = waiting.length === 0 ? 'No question is waiting.' : `Open: ${waiting.join(', ')}`;
  const latest = meant.at(-1);
  if (only === undefined && latest !== undefined) throw closed(latest);
  if (only === undefined) {
    const whose = target === undefined ? '' : ` ${target}`;
    throw new Failure(`${name} has no open question${whose}`, { hint: where });
  }
  throw new Failure('several questions are waiting, so name one', { hint: where });
}

/** Why a question that does not wait any more cannot be answered. */
export function closed({
  id = '',
  answer,
  by = '',
  answeredAt = '',
  endedAt = '',
}: StatusQuestion): Failure {
  if (answer === undefined) {
    return new Failure(`${id} ended without an answer at ${wholeSeconds(endedAt)}`);
  }
  return alreadyAnswered(id, { text: answer, by, at: answeredAt });
}

/** Tells a person who answered first. */
export function alreadyAnswered(
  id: string,
  { text, by, at }: { readonly text: string; readonly by: string; readonly at: string },
): Failure {
  return new Failure(
    answeredAlready({ id }, { text: oneLine(text), by, at, via: 'agentteam' }, wholeSeconds),
    { hint: 'The first answer counts. To add something, use agentteam tell.' },
  );
}
