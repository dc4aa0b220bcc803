import { agentNamed, shownName } from '../values/agent-name.ts';
import { readTime } from '../values/time.ts';
import { isRecord, plainText } from '../values/untrusted.ts';

/** The tool with which an agent asks a person. The runner serves it beside the report tool. */
export const ASK_TOOL = {
  name: 'ask_person',
  fullName: 'mcp__agentteam__ask_person',
} as const;

/** What happens to a question that nobody answers by its deadline. */
export const UNANSWERED = ['default', 'fail', 'continue'] as const;
export type Unanswered = (typeof UNANSWERED)[number];

/** Limits of questions and answers. Texts are in characters. */
export const QUESTION_LIMITS = {
  /** Questions of one agent in all attempts. */
  perAgent: 32,
  /** Questions of one agent that wait at the same time. */
  open: 4,
  text: 2_000,
  choices: 10,
  choice: 200,
  default: 1_000,
  answer: 4_096,
  by: 100,
  /** Questions in a team's figures. Those that wait come first, and then the latest. */
  inFigures: 24,
} as const;

/** The rules of a team for the questions of its agents. */
export interface QuestionRules {
  /** How long a question waits at most, and unless its agent gives a shorter time. */
  readonly deadlineSeconds: number;
  readonly unanswered: Unanswered;
}

/** Through what a person answered a question. */
export const ANSWERED_VIA = ['agentteam', 'page', 'annotation', 'rehearsal'] as const;
export type AnsweredVia = (typeof ANSWERED_VIA)[number];

/** The answer of a person. The first one counts. */
export interface QuestionAnswer {
  readonly text: string;
  /** Name of the person: one line. */
  readonly by: string;
  readonly via: AnsweredVia;
  /** ISO 8601. */
  readonly at: string;
}

/** How a question ended without an answer. `ended`: its agent ended before. */
export interface QuestionEnd {
  readonly how: Unanswered | 'ended';
  /** ISO 8601. */
  readonly at: string;
}

/** A question of an agent to a person. All texts but the answer are the agent's. */
export interface Question {
  /** See {@link questionId}. */
  readonly id: string;
  readonly agent: string;
  /** `blocked`: the agent has reported that it cannot continue, and an answer lets it go on. */
  readonly kind: 'question' | 'blocked';
  readonly text: string;
  /** Absent: free text. A person may answer something else. */
  readonly choices?: readonly string[];
  /** What the agent would do without an answer. */
  readonly default?: string;
  /** ISO 8601. */
  readonly askedAt: string;
  /** ISO 8601. */
  readonly deadline: string;
  readonly answer?: QuestionAnswer;
  /** Present once the question has ended without an answer. */
  readonly unanswered?: QuestionEnd;
}

/** Whether a question waits for an answer. */
export function isOpenQuestion({ answer, unanswered }: Question): boolean {
  return answer === undefined && unanswered === undefined;
}

/** `researcher.2`: the second question of an agent. Names of agents contain no full stop. The lead's is `lead.2`. */
export function questionId(agent: string, number: number): string {
  return `${shownName(agent)}.${number}`;
}

const ID = /^([A-Za-z0-9][A-Za-z0-9_-]{0,127})\.([1-9][0-9]{0,2})$/;

/** @returns the agent and the number; undefined for a text that is not an id. */
export function parseQuestionId(
  id: string,
): { readonly agent: string; readonly number: number } | undefined {
  const [, agent, number] = ID.exec(id) ?? [];
  return agent === undefined ? undefined : { agent: agentNamed(agent), number: Number(number) };
}

/**
 * Shortens the texts of a question and removes their control characters.
 * @returns undefined if the value is not a valid {@link Question}.
 */
export function toQuestion(value: unknown): Question | undefined {
  if (!isRecord(value)) return undefined;
  const { id, text, choices, default: preset, kind } = value;
  const agent = typeof id === 'string' ? parseQuestionId(id)?.agent : undefined;
  const askedAt = readTime(value['askedAt']);
  const deadline = readTime(value['deadline']);
  if (agent === undefined || askedAt === undefined || deadline === undefined) return undefined;
  if (typeof text !== 'string' || (kind !== 'question' && kind !== 'blocked')) return undefined;
  const some = Array.isArray(choices) ? choices.filter((one) => typeof one === 'string') : [];
  const answer = toAnswer(value['answer']);
  const unanswered = toEnd(value['unanswered']);
  return {
    id: id as string,
    agent,
    kind,
    text: plainText(text, QUESTION_LIMITS.text),
    ...(some.length > 0 && {
      choices: some
        .slice(0, QUESTION_LIMITS.choices)
        .map((one) => plainText(one, QUESTION_LIMITS.choice)),
    }),
    ...(typeof preset === 'string' && { default: plainText(preset, QUESTION_LIMITS.default) }),
    askedAt,
    deadline,
    ...(answer !== undefined && { answer }),
    ...(unanswered !== undefined && { unanswered }),
  };
}

/** @returns undefined if the value is not a valid {@link QuestionAnswer}. */
export function toAnswer(value: unknown): QuestionAnswer | undefined {
  if (!isRecord(value)) return undefined;
  const { text, by } = value;
  const at = readTime(value['at']);
  const via = ANSWERED_VIA.find((known) => known === value['via']);
  if (at === undefined || via === undefined) return undefined;
  if (typeof text !== 'string' || typeof by !== 'string') return undefined;
  return {
    text: plainText(text, QUESTION_LIMITS.answer),
    by: plainText(by, QUESTION_LIMITS.by).replaceAll('\n', ' '),
    via,
    at,
  };
}

const ENDS = [...UNANSWERED, 'ended'] as const;

function toEnd(value: unknown): QuestionEnd | undefined {
  if (!isRecord(value)) return undefined;
  const at = readTime(value['at']);
  const how = ENDS.find((known) => known === value['how']);
  return at === undefined || how === undefined ? undefined : { how, at };
}

/** `Ann answered dev.1 at 2026-11-29 14:00:20 UTC: October`, for those who come too late. */
export function answeredAlready(
  { id }: Pick<Question, 'id'>,
  { by, at, text }: QuestionAnswer,
  clock: (time: string) => string,
): string {
  return `${by} answered ${id} at ${clock(at)}: ${text}`;
}
