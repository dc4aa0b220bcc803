import {
  type AgentSpec,
  QUESTION_LIMITS,
  type QuestionAnswer,
  questionId,
  utcTime,
} from '@agentteam/contract';
import {
  type AskedQuestion,
  readAnswer,
  readAnswers,
  readAskedQuestions,
  writeQuestions,
} from '@agentteam/volume';
import type { AgentDirectories } from '../directories.ts';
import { log } from '../log.ts';
import type { ChangeNotifier } from '../member/change-notifier.ts';
import type { AskedText } from './read-question.ts';

export interface QuestionListParts {
  readonly spec: Pick<AgentSpec, 'name'>;
  readonly directories: Pick<AgentDirectories, 'ownState' | 'control'>;
  readonly changes: Pick<ChangeNotifier, 'notify'>;
}

/** The longest delay of a timer in Node, in milliseconds. */
const LONGEST_TIMER = 2_147_483_647;

/**
 * The questions that an agent has asked, in its own state, and their answers, which are files where agents cannot
 * write. Both survive the agent, its pod and its engine.
 */
export class QuestionList {
  readonly #parts: QuestionListParts;
  #questions: readonly AskedQuestion[];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(parts: QuestionListParts, questions: readonly AskedQuestion[]) {
    this.#parts = parts;
    this.#questions = questions;
  }

  static async open(parts: QuestionListParts): Promise<QuestionList> {
    const { directories, spec } = parts;
    const list = new QuestionList(parts, await readAskedQuestions(directories.ownState, spec.name));
    list.setTimer();
    return list;
  }

  /** The oldest first. */
  get all(): readonly AskedQuestion[] {
    return this.#questions;
  }

  /** Those that wait, as far as the agent knows. */
  get pending(): readonly AskedQuestion[] {
    return this.#questions.filter(
      ({ handed, unanswered }) => handed === undefined && unanswered === undefined,
    );
  }

  /** Whether the agent may ask no more questions. */
  get isFull(): boolean {
    return this.#questions.length >= QUESTION_LIMITS.perAgent;
  }

  /** Records a question. @throws if it cannot be written. */
  async add(
    { text, choices, default: preset, deadlineSeconds }: AskedText,
    kind: AskedQuestion['kind'],
  ): Promise<AskedQuestion> {
    const { directories, spec } = this.#parts;
    // An agent that removes its own record does not get earlier answers to new questions.
    const answered = await readAnswers(directories.control, spec.name);
    const number = Math.max(0, ...this.#questions.map(numberOf), ...answered.keys()) + 1;
    const now = Date.now();
    const question: AskedQuestion = {
      id: questionId(spec.name, number),
      agent: spec.name,
      kind,
      text,
      ...(choices.length > 0 && { choices }),
      ...(preset !== undefined && { default: preset }),
      askedAt: new Date(now).toISOString(),
      deadline: new Date(now + deadlineSeconds * 1000).toISOString(),
    };
    await this.#write([...this.#questions, question]);
    log('question', `${question.id}: ${text}`);
    log('question', `waits for an answer until ${utcTime(question.deadline)}`);
    this.setTimer();
    return question;
  }

  /** Records how the agent got the answer to a question, or learned that there is none. */
  setHanded(id: string, handed: NonNullable<AskedQuestion['handed']>): Promise<void> {
    return this.#write(this.#questions.map((one) => (one.id === id ? { ...one, handed } : one)));
  }

  /** Records another state of a question. */
  replace(question: AskedQuestion): Promise<void> {
    return this.#write(this.#questions.map((one) => (one.id === question.id ? question : one)));
  }

  /** The answer of a person, if there is one. */
  answer(question: AskedQuestion): Promise<QuestionAnswer | undefined> {
    const { directories, spec } = this.#parts;
    return readAnswer(directories.control, spec.name, numberOf(question));
  }

  /** Notifies at the next deadline. */
  setTimer(): void {
    clearTimeout(this.#timer);
    const deadlines = this.pending.map(({ deadline }) => Date.parse(deadline));
    if (deadlines.length === 0) return;
    const ms = Math.max(0, Math.min(...deadlines) - Date.now());
    this.#timer = setTimeout(this.#parts.changes.notify, Math.min(ms, LONGEST_TIMER));
    this.#timer.unref();
  }

  /** Writes follow one another, so that the latest list is the one that stays. */
  #write(questions: readonly AskedQuestion[]): Promise<void> {
    this.#questions = questions;
    const write = () => writeQuestions(this.#parts.directories.ownState, this.#questions);
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}

function numberOf({ id }: Pick<AskedQuestion, 'id'>): number {
  return Number(id.slice(id.lastIndexOf('.') + 1));
}
