import type { AgentTeamStatus } from '@agentteam/api';
import {
  ANNOTATIONS,
  parseRecordedAnswer,
  QUESTION_LIMITS,
  type RecordedAnswer,
} from '@agentteam/contract';
import type { User } from './record-votes.ts';

type Annotations = Readonly<Record<string, string>>;

/** A request that writes a team, as far as it answers questions. */
export interface AnswerChange {
  readonly user: User;
  /** ISO 8601. */
  readonly at: string;
  /** The annotations before the request; undefined if it creates the team. */
  readonly before: Annotations | undefined;
  /** The annotations in the request. */
  readonly wanted: Annotations;
  /** The annotations that the request will have. */
  readonly annotations: Annotations;
  readonly questions: AgentTeamStatus['questions'];
  /** Who may answer; absent: everybody who may write the team. */
  readonly answerers?: { readonly users?: readonly string[]; readonly groups?: readonly string[] };
}

/**
 * Checks that a user may answer questions of agents, and records the first answer to each with the user. Only
 * this function writes the annotations that name who has answered: those in the request are ignored.
 */
export function recordAnswers(
  change: AnswerChange,
): { readonly annotations: Annotations } | { readonly refused: string } {
  const { user, at, before = {}, wanted } = change;
  const annotations: Record<string, string> = Object.fromEntries(
    Object.entries(change.annotations).filter(
      ([name]) => !name.startsWith(ANNOTATIONS.answeredPrefix),
    ),
  );
  for (const [name, value] of Object.entries(before)) {
    if (name.startsWith(ANNOTATIONS.answeredPrefix)) annotations[name] = value;
  }
  for (const [name, text] of Object.entries(wanted)) {
    if (!name.startsWith(ANNOTATIONS.answerPrefix) || text === before[name]) continue;
    const id = name.slice(ANNOTATIONS.answerPrefix.length);
    const recorded = `${ANNOTATIONS.answeredPrefix}${id}`;
    const refused = objectionTo(id, text, parseRecordedAnswer(before[recorded]), change);
    if (refused !== undefined) return { refused: `${id}: ${refused}` };
    const answer: RecordedAnswer = { user: user.username, text, at };
    annotations[recorded] = JSON.stringify(answer);
  }
  return { annotations };
}

function objectionTo(
  id: string,
  text: string,
  earlier: RecordedAnswer | undefined,
  { user, questions = [], answerers }: AnswerChange,
): string | undefined {
  if (earlier !== undefined)
    return `${earlier.user} answered at ${earlier.at}, and the first answer counts`;
  const question = questions.find((one) => one.id === id);
  if (question === undefined) return 'no agent has asked this question';
  if (question.answer !== undefined) {
    return `${question.by} answered at ${question.answeredAt}, and the first answer counts`;
  }
  if (question.unanswered !== undefined) return `the question ended at ${question.endedAt}`;
  if (text.trim() === '') return 'the answer is empty';
  if (text.length > QUESTION_LIMITS.answer) {
    return `the answer has ${text.length} characters; the limit is ${QUESTION_LIMITS.answer}`;
  }
  if (answerers === undefined) return undefined;
  const { users = [], groups = [] } = answerers;
  if (users.includes(user.username)) return undefined;
  if (groups.some((group) => user.groups?.includes(group))) return undefined;
  const who = [...users, ...groups.map((group) => `group ${group}`)].join(', ');
  return `${user.username} may not answer questions of this team (${who})`;
}
