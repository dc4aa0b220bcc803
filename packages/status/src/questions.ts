import type { AgentTeamStatus } from '@agentteam/api';
import {
  isOpenQuestion,
  type Question,
  shownName,
  type TeamLive,
  utcTime,
  wholeSeconds,
} from '@agentteam/contract';
import type { Condition } from './condition.ts';

export type StatusQuestion = NonNullable<AgentTeamStatus['questions']>[number];

/** Longest text of a question or an answer in a status. The volume has all of it. */
const LONGEST = 1_000;

/** The questions of a team's agents as its status has them. The lead's name here is `lead`. */
export function statusQuestions(questions: readonly Question[] = []): readonly StatusQuestion[] {
  return questions.map(({ id, agent, kind, text, choices, askedAt, deadline, ...rest }) => {
    const { answer, unanswered, default: preset } = rest;
    return {
      id,
      agent: shownName(agent),
      kind,
      text: short(text),
      ...(choices !== undefined && { choices: [...choices] }),
      ...(preset !== undefined && { default: preset }),
      askedAt,
      deadline,
      ...(answer !== undefined && {
        answer: short(answer.text),
        by: answer.by,
        via: answer.via,
        answeredAt: answer.at,
      }),
      ...(unanswered !== undefined && { unanswered: unanswered.how, endedAt: unanswered.at }),
    };
  });
}

function short(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

/** The questions that wait for an answer, oldest first. */
export function openQuestions(totals: TeamLive | undefined): readonly Question[] {
  return (totals?.questions ?? []).filter(isOpenQuestion);
}

/** `waits for an answer to dev.1, until 2026-11-29 14:00:00 UTC` */
export function questionText({ id, deadline }: Pick<Question, 'id' | 'deadline'>): string {
  return `waits for an answer to ${id}, until ${utcTime(deadline)}`;
}

/** One sentence with the agents that wait. It quotes nothing that an agent wrote. */
export function questionSentence(questions: readonly Question[]): string {
  if (questions.length === 0) return '';
  const waits = questions.map(
    ({ id, agent, deadline }) => `${shownName(agent)} (${id}, until ${utcTime(deadline)})`,
  );
  return `Waiting for a person's answer: ${waits.join(', ')}.`;
}

/**
 * The condition `WaitingForAnswer`. It exists from the first question on.
 * @param questions those that wait.
 * @param before whether the last status had the condition.
 * @param at time of the figures, for the end of the last question.
 */
export function questionCondition(
  questions: readonly Question[],
  before: boolean,
  at: string,
): readonly Omit<Condition, 'observedGeneration'>[] {
  const type = 'WaitingForAnswer';
  const [first] = questions;
  if (first !== undefined) {
    const since = wholeSeconds(first.askedAt);
    const message = questionSentence(questions);
    return [{ type, status: 'True', reason: 'QuestionAsked', message, lastTransitionTime: since }];
  }
  if (!before) return [];
  const message = 'No question is waiting for an answer.';
  const since = wholeSeconds(at);
  return [{ type, status: 'False', reason: 'NoQuestion', message, lastTransitionTime: since }];
}
