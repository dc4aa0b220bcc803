import { join } from 'node:path';
import {
  type AgentState,
  FILES,
  isOpenQuestion,
  isRecord,
  QUESTION_LIMITS,
  type Question,
  toQuestion,
} from '@agentteam/contract';
import { visibleIn } from '@agentteam/text';
import { mapFew } from './file/each.ts';
import { LIMITS } from './file/limits.ts';
import { isSafeName } from './file/name.ts';
import { inDirectory } from './file/open-directory.ts';
import { readUntrustedJson } from './file/read.ts';
import { writeJson } from './file/write.ts';
import { readAnswers } from './question-answer.ts';

/** A question as its agent's runner records it: without the answer, which is where agents cannot write. */
export interface AskedQuestion extends Omit<Question, 'answer'> {
  /** How the agent got the answer, or learned that there is none. Absent: it still waits. */
  readonly handed?: (typeof HANDED)[number];
}

const HANDED = ['result', 'message'] as const;

/** @param directory the agent's own state directory. */
export async function writeQuestions(
  directory: string,
  questions: readonly AskedQuestion[],
): Promise<void> {
  await writeJson(join(directory, FILES.questions), { questions });
}

/**
 * Reads an agent's own questions, oldest first. The agent may have written them.
 * @param directory the agent's own state directory.
 */
export async function readAskedQuestions(
  directory: string,
  agent: string,
): Promise<readonly AskedQuestion[]> {
  const value = await readUntrustedJson(join(directory, FILES.questions), LIMITS.questionsBytes);
  const listed: unknown = isRecord(value) ? value['questions'] : undefined;
  if (!Array.isArray(listed)) return [];
  const read = listed.slice(0, QUESTION_LIMITS.perAgent).flatMap((one: unknown) => {
    const question = toQuestion(one);
    if (question?.agent !== agent || !isRecord(one)) return [];
    const { answer: _, ...asked } = question;
    const handed = HANDED.find((known) => known === one['handed']);
    return [{ ...asked, ...(handed !== undefined && { handed }) }];
  });
  return [...new Map(read.map((one) => [one.id, one])).values()];
}

/**
 * Reads the questions of some agents with their answers, oldest first.
 * @param places the directory of all agents' states, and the one with the stop marker.
 * @param states the agents' states: a question of an agent that has ended waits no longer.
 */
export async function readQuestions(
  { state, control }: { readonly state: string; readonly control: string },
  agents: readonly string[],
  states: ReadonlyMap<string, AgentState>,
): Promise<readonly Question[]> {
  const found = await mapFew(agents.filter(isSafeName), async (agent) => {
    const asked = await inDirectory(state, [agent], (path) =>
      readAskedQuestions(path, agent),
    ).catch(() => undefined);
    if (asked === undefined || asked.length === 0) return [];
    const answers = await readAnswers(control, agent);
    const all = asked.map((one) => asPeopleSee(withAnswer(one, answers), states.get(agent)));
    // Its runner lets no more of them wait, so that it does not keep people from the questions of others.
    const waiting = all.filter(isOpenQuestion).slice(0, QUESTION_LIMITS.open);
    return all.filter((one) => !isOpenQuestion(one) || waiting.includes(one));
  });
  return found.flat().toSorted((a, b) => (a.askedAt < b.askedAt ? -1 : 1));
}

/** Adds a person's answer to a question. An answer that came after the end of the question does not count. */
function withAnswer(
  { handed: _, ...question }: AskedQuestion,
  answers: Awaited<ReturnType<typeof readAnswers>>,
): Question {
  const number = Number(question.id.slice(question.id.lastIndexOf('.') + 1));
  const answer = answers.get(number);
  return answer === undefined || question.unanswered !== undefined
    ? question
    : { ...question, answer };
}

function asPeopleSee(question: Question, state: AgentState | undefined): Question {
  const shown = visibleIn(question);
  if (!isOpenQuestion(shown) || state === undefined) return shown;
  const { phase, endedAt } = state;
  const hasEnded = phase === 'completed' || phase === 'failed' || phase === 'absent';
  if (!hasEnded) return shown;
  return { ...shown, unanswered: { how: 'ended', at: endedAt ?? question.askedAt } };
}

/** The questions that a team's figures contain: those that wait, and then the latest; oldest first. */
export function questionsInFigures(questions: readonly Question[]): readonly Question[] {
  const latest = questions.toSorted(
    (a, b) =>
      Number(isOpenQuestion(b)) - Number(isOpenQuestion(a)) || (a.askedAt < b.askedAt ? 1 : -1),
  );
  return latest
    .slice(0, QUESTION_LIMITS.inFigures)
    .toSorted((a, b) => (a.askedAt < b.askedAt ? -1 : 1));
}
