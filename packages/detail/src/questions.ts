import { type Question, shownName, utcTime } from '@agentteam/contract';
import type { EventDetail } from './detail.ts';

/** What happened to the questions of agents. */
export function questionEvents(questions: readonly Question[]): readonly EventDetail[] {
  return questions.flatMap((question): readonly EventDetail[] => {
    const { id, agent, kind, askedAt, deadline, answer, unanswered } = question;
    const name = shownName(agent);
    const what = kind === 'blocked' ? 'is blocked and asks what to do' : 'asked a question';
    const about = { step: name, agent };
    return [
      { ...about, at: askedAt, kind: 'question-asked', text: `${name} ${what} (${id})` },
      ...(answer === undefined
        ? []
        : [
            {
              ...about,
              at: answer.at,
              kind: 'question-answered' as const,
              text: `${answer.by} answered ${id}`,
            },
          ]),
      ...(unanswered === undefined
        ? []
        : [
            {
              ...about,
              at: unanswered.at,
              kind: 'question-answered' as const,
              text: `nobody answered ${id} by ${utcTime(deadline)}`,
            },
          ]),
    ];
  });
}
