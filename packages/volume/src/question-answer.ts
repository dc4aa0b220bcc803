import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  FILES,
  parseQuestionId,
  QUESTION_LIMITS,
  type Question,
  type QuestionAnswer,
  toAnswer,
} from '@agentteam/contract';
import { cutText, visible } from '@agentteam/text';
import { mapFew } from './file/each.ts';
import { LIMITS } from './file/limits.ts';
import { safeName } from './file/name.ts';
import { inDirectory } from './file/open-directory.ts';
import { readUntrustedJson } from './file/read.ts';
import { writeJsonOnce } from './file/write.ts';
import { PersonMessageError, personName } from './person-message.ts';

/**
 * The directory of people's answers to an agent's questions, a file for each question. Agents can read it but
 * not write to it.
 */
export function answerDirectory(control: string, agent: string): string {
  return join(control, FILES.answers, safeName(agent));
}

export interface GivenAnswer {
  /** The question's id. */
  readonly id: string;
  readonly text: string;
  readonly by: string;
  readonly via: QuestionAnswer['via'];
}

/**
 * Records a person's answer to a question, unless somebody has answered it. Control characters are removed or
 * made visible.
 * @returns the answer that counts, and whether it is this one.
 * @throws PersonMessageError for an answer that is empty or too long, or an id that is not one.
 */
export async function writeAnswer(
  control: string,
  { id, text, by, via }: GivenAnswer,
): Promise<{ readonly answer: QuestionAnswer; readonly isFirst: boolean }> {
  const parsed = parseQuestionId(id);
  if (parsed === undefined) throw new PersonMessageError(`${id} is not the id of a question`);
  const answer: QuestionAnswer = {
    text: visible(text).trim(),
    by: personName(by),
    via,
    at: new Date().toISOString(),
  };
  const problem = problemOf(answer);
  if (problem !== undefined) throw new PersonMessageError(problem);
  const directory = answerDirectory(control, parsed.agent);
  await mkdir(directory, { recursive: true });
  const isFirst = await writeJsonOnce(join(directory, `${parsed.number}.json`), answer);
  const counting = isFirst ? answer : await readAnswer(control, parsed.agent, parsed.number);
  return { answer: counting ?? answer, isFirst };
}

function problemOf({ text, by }: QuestionAnswer): string | undefined {
  if (by === '') return 'the name of the person is empty';
  if (text === '') return 'the answer is empty';
  if (text.length <= QUESTION_LIMITS.answer) return undefined;
  return `the answer has ${text.length} characters; the limit is ${QUESTION_LIMITS.answer}`;
}

/** @returns `undefined` while nobody has answered. */
export async function readAnswer(
  control: string,
  agent: string,
  number: number,
): Promise<QuestionAnswer | undefined> {
  return inDirectory(control, [FILES.answers, safeName(agent)], async (path) =>
    toAnswer(await readUntrustedJson(join(path, `${number}.json`), LIMITS.smallFileBytes)),
  );
}

/** The answers to an agent's questions, by the number of the question. */
export async function readAnswers(
  control: string,
  agent: string,
): Promise<ReadonlyMap<number, QuestionAnswer>> {
  const numbers = Array.from({ length: QUESTION_LIMITS.perAgent }, (_, index) => index + 1);
  const found = await inDirectory(control, [FILES.answers, safeName(agent)], (path) =>
    mapFew(numbers, async (number) => {
      const file = join(path, `${number}.json`);
      const answer = toAnswer(await readUntrustedJson(file, LIMITS.smallFileBytes));
      return answer === undefined ? [] : [[number, answer] as const];
    }),
  );
  return new Map((found ?? []).flat());
}

/**
 * What a person's words mean as an answer: `2` is the second choice, unless one of the choices is `2`. The
 * person may also answer something that is not a choice.
 */
export function chosen({ choices = [] }: Pick<Question, 'choices'>, words: string): string {
  const text = words.trim();
  const same = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
  if (same !== undefined) return same;
  return /^\d{1,2}$/.test(text) ? (choices[Number(text) - 1] ?? text) : text;
}

/** Formats a person's answer as the text of a message to the agent. */
export function answerMessage({ id, text }: Pick<Question, 'id' | 'text'>, answer: string): string {
  return `Answer to your question ${id} ("${cutText(text.replaceAll(/\s+/g, ' '), 300)}"):\n${answer}`;
}
