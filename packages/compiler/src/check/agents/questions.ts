import type { AgentTeam } from '@agentteam/api';
import { parseDuration, QUESTION_LIMITS, questionId } from '@agentteam/contract';
import type { Problem } from '../../problem.ts';

/** An id of a question becomes the name part of an annotation's key, which Kubernetes limits to 63 characters. */
const MOST = 63 - questionId('', QUESTION_LIMITS.perAgent).length;

/** Checks what a team says about questions of its agents. */
export function checkQuestions({ spec }: AgentTeam): readonly Problem[] {
  const { questions, timeout } = spec.lifecycle;
  if (questions === undefined) return [];
  const { deadline } = questions;
  const seconds = deadline === undefined ? undefined : parseDuration(deadline);
  const isReached = (seconds ?? 0) <= (parseDuration(timeout) ?? Number.POSITIVE_INFINITY);
  return [
    ...spec.teammates.flatMap(({ name }, index): readonly Problem[] =>
      name.length <= MOST ? [] : [tooLong(index)],
    ),
    ...(isReached ? [] : [neverReached(deadline ?? '', timeout)]),
  ];
}

function tooLong(index: number): Problem {
  return {
    code: 'out-of-bounds',
    path: ['spec', 'teammates', index, 'name'],
    message: `names of teammates that may ask questions are limited to ${MOST} characters, because the answer is an annotation key`,
    hint: 'shorten the name, or remove lifecycle.questions',
  };
}

function neverReached(deadline: string, timeout: string): Problem {
  return {
    code: 'out-of-bounds',
    path: ['spec', 'lifecycle', 'questions', 'deadline'],
    message: `the deadline \`${deadline}\` is longer than the team's timeout \`${timeout}\`, so a question would wait until the team is stopped`,
    hint: 'set a shorter deadline, or a longer lifecycle.timeout',
  };
}
