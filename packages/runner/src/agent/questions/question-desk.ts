import {
  type AgentReport,
  type AgentSpec,
  ASK_TOOL,
  QUESTION_LIMITS,
  type QuestionAnswer,
  type QuestionRules,
  questionId,
  utcTime,
} from '@agentteam/contract';
import { cutText } from '@agentteam/text';
import {
  type AskedQuestion,
  answerMessage,
  formatPersonMessage,
  type Journal,
  readAnswer,
  readAnswers,
  readAskedQuestions,
  writeQuestions,
} from '@agentteam/volume';
import {
  answerText,
  askDefinition,
  QUESTION_NOT_RECORDED,
  tooManyOpen,
  tooManyQuestions,
  unansweredText,
} from '../../prompts/ask-tool.ts';
import type { AgentEvent, AgentTool, ToolAnswer } from '../agent-cli.ts';
import type { AgentDirectories } from '../directories.ts';
import { log } from '../log.ts';
import type { ChangeNotifier } from '../member/change-notifier.ts';
import type { Conversation } from '../member/conversation.ts';
import type { OwnState } from '../own-state.ts';
import { failureOf } from '../report-tool.ts';
import type { StepResult } from '../step-result.ts';
import { type AskedText, readQuestion } from './read-question.ts';

export interface DeskParts {
  readonly spec: Pick<AgentSpec, 'name'>;
  readonly rules: QuestionRules;
  readonly directories: Pick<AgentDirectories, 'ownState' | 'control'>;
  readonly state: OwnState;
  readonly journal: Pick<Journal, 'personMessageIds'>;
  readonly conversation: Pick<Conversation, 'record' | 'sendRecorded'>;
  readonly changes: Pick<ChangeNotifier, 'notify'>;
}

/** The longest delay of a timer in Node, in milliseconds. */
const LONGEST_TIMER = 2_147_483_647;

type Waiter = (answer: ToolAnswer) => void;

/**
 * The questions of an agent to people. A question is recorded in the agent's own state before the call of the
 * tool waits, and the answer is a file where agents cannot write. So both survive the agent, its pod and its
 * engine: an agent that was restarted gets the answer as a person's message, or from the same call again.
 */
export class QuestionDesk {
  readonly tool: AgentTool;
  readonly #parts: DeskParts;
  /** By id, the calls of the tool that wait in this process. */
  readonly #waiters = new Map<string, Waiter[]>();
  /** Ids of questions whose answer is on its way as the result of a call. */
  readonly #returned = new Set<string>();
  #questions: readonly AskedQuestion[];
  #failure: StepResult | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(parts: DeskParts, questions: readonly AskedQuestion[]) {
    this.#parts = parts;
    this.#questions = questions;
    this.tool = {
      name: ASK_TOOL.name,
      definition: askDefinition(parts.rules),
      call: (input) => this.#ask(input),
    };
  }

  static async open(parts: DeskParts): Promise<QuestionDesk> {
    const { directories, spec } = parts;
    const desk = new QuestionDesk(parts, await readAskedQuestions(directories.ownState, spec.name));
    desk.#setTimer();
    return desk;
  }

  /** Whether the agent waits for an answer. */
  get isWaiting(): boolean {
    return this.#questions.some(isPending);
  }

  /** How the step ends because nobody answered; `undefined` if it goes on. */
  get failure(): StepResult | undefined {
    return this.#failure;
  }

  /** Call for each event of the agent's program: a result tells that the agent has its answer. */
  handle(event: AgentEvent): void {
    if (event.type !== 'tool-result' || this.#returned.size === 0) return;
    const returned = [...this.#returned];
    this.#returned.clear();
    this.#record((one) => (returned.includes(one.id) ? { ...one, handed: 'result' } : one)).catch(
      (error: unknown) => log('question', `not recorded: ${String(error)}`),
    );
  }

  /** Hands over the answers that have arrived, and ends the questions whose time is up. */
  async collect(): Promise<void> {
    const waiting = this.#questions.filter((one) => one.handed === undefined);
    if (waiting.length === 0) return;
    const { directories, spec } = this.#parts;
    const answers = await readAnswers(directories.control, spec.name);
    for (const { id } of waiting) {
      const question = this.#questions.find((one) => one.id === id);
      if (question === undefined || this.#returned.has(id)) continue;
      const answer = answers.get(numberOf(question));
      if (answer !== undefined) await this.#handOver(question, answer);
      else if (question.unanswered !== undefined) await this.#handOverEnd(question);
      else if (Date.now() >= Date.parse(question.deadline)) await this.#end(question);
    }
    this.#setTimer();
  }

  /**
   * Asks a person what to do about an agent that has reported that it is blocked.
   * @returns whether to wait. Otherwise the step ends.
   */
  async askAboutBlocked(report: AgentReport): Promise<boolean> {
    const text = cutText(report.reason ?? report.summary, QUESTION_LIMITS.text);
    const latest = this.#questions.at(-1);
    if (latest?.kind === 'blocked' && latest.text === text && latest.unanswered !== undefined) {
      return false;
    }
    if (this.#questions.length >= QUESTION_LIMITS.perAgent) return false;
    const { deadlineSeconds } = this.#parts.rules;
    await this.#add({ text, choices: [], deadlineSeconds }, 'blocked');
    return true;
  }

  async #ask(input: unknown): Promise<ToolAnswer> {
    const { rules, directories, spec } = this.#parts;
    const read = readQuestion((input ?? {}) as Readonly<Record<string, unknown>>, rules);
    if ('problem' in read) return { text: read.problem, isError: true };
    try {
      const known = this.#questions.find((one) => isSame(one, read.question));
      if (known === undefined) return await this.#askAnew(read.question);
      const answer = (await readAnswers(directories.control, spec.name)).get(numberOf(known));
      if (answer !== undefined) return this.#result(known, answerText(answer));
      if (known.unanswered !== undefined) return this.#result(known, unansweredText(known));
      return this.#wait(known.id);
    } catch (error) {
      log('question', `could not be recorded: ${String(error)}`);
      return { text: QUESTION_NOT_RECORDED, isError: true };
    }
  }

  async #askAnew(question: AskedText): Promise<ToolAnswer> {
    const { perAgent, open } = QUESTION_LIMITS;
    if (this.#questions.length >= perAgent) {
      return { text: tooManyQuestions(perAgent), isError: true };
    }
    if (this.#questions.filter(isPending).length >= open) {
      return { text: tooManyOpen(open), isError: true };
    }
    return this.#wait((await this.#add(question, 'question')).id);
  }

  #wait(id: string): Promise<ToolAnswer> {
    return new Promise((resolve) => {
      this.#waiters.set(id, [...(this.#waiters.get(id) ?? []), resolve]);
      this.#parts.changes.notify();
    });
  }

  async #add(
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
    this.#setTimer();
    return question;
  }

  async #handOver(question: AskedQuestion, answer: QuestionAnswer): Promise<void> {
    const { id, kind } = question;
    log('question', `${id} was answered by ${answer.by}`);
    if (this.#resolve(question, answerText(answer))) return;
    const { journal, conversation, state } = this.#parts;
    const text = answerMessage(question, answer.text);
    const message = { id, by: answer.by, text, at: answer.at };
    if (!journal.personMessageIds.has(id)) {
      await conversation.record(formatPersonMessage(message), [], message);
    }
    // The agent goes on, and reports again.
    if (kind === 'blocked') await state.removeReport();
    await this.#handed(question);
  }

  /** Ends a question that nobody has answered in time. */
  async #end(question: AskedQuestion): Promise<void> {
    const { kind, id, default: preset } = question;
    const { unanswered: wanted } = this.#parts.rules;
    const how =
      kind === 'blocked'
        ? 'fail'
        : wanted === 'default' && preset === undefined
          ? 'continue'
          : wanted;
    const ended = { ...question, unanswered: { how, at: new Date().toISOString() } };
    await this.#record((one) => (one.id === id ? ended : one));
    const { directories, spec } = this.#parts;
    const late = await readAnswer(directories.control, spec.name, numberOf(question));
    if (late !== undefined) {
      await this.#record((one) => (one.id === id ? question : one));
      return this.#handOver(question, late);
    }
    log('question', `nobody answered ${id}: ${how}`);
    return this.#handOverEnd(ended);
  }

  async #handOverEnd(question: AskedQuestion): Promise<void> {
    const { kind, text, deadline, unanswered } = question;
    const { state, conversation } = this.#parts;
    if (unanswered?.how === 'fail') {
      await this.#handed(question);
      if (kind === 'blocked') return;
      const asked = cutText(text.replaceAll(/\s+/g, ' '), 300);
      const reason = `nobody answered its question by ${utcTime(deadline)}: "${asked}"`;
      const report: AgentReport = { outcome: 'blocked', summary: `Blocked: ${reason}`, reason };
      await state.setReport(report);
      this.#failure = failureOf(report);
      return;
    }
    if (this.#resolve(question, unansweredText(question))) return;
    await conversation.record(unansweredText(question), []);
    await this.#handed(question);
  }

  /** Answers the calls that wait for a question. @returns whether there is one. */
  #resolve(question: AskedQuestion, text: string): boolean {
    const waiters = this.#waiters.get(question.id) ?? [];
    this.#waiters.delete(question.id);
    for (const resolve of waiters) resolve(this.#result(question, text));
    return waiters.length > 0;
  }

  #result({ id }: AskedQuestion, text: string): ToolAnswer {
    this.#returned.add(id);
    return { text, isError: false };
  }

  #handed({ id }: AskedQuestion): Promise<void> {
    return this.#record((one) => (one.id === id ? { ...one, handed: 'message' } : one));
  }

  #record(change: (question: AskedQuestion) => AskedQuestion): Promise<void> {
    return this.#write(this.#questions.map(change));
  }

  /** Writes follow one another, so that the latest list is the one that stays. */
  #write(questions: readonly AskedQuestion[]): Promise<void> {
    this.#questions = questions;
    const write = () => writeQuestions(this.#parts.directories.ownState, this.#questions);
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }

  /** Notifies at the next deadline. */
  #setTimer(): void {
    clearTimeout(this.#timer);
    const deadlines = this.#questions.filter(isPending).map(({ deadline }) => Date.parse(deadline));
    if (deadlines.length === 0) return;
    const ms = Math.max(0, Math.min(...deadlines) - Date.now());
    this.#timer = setTimeout(this.#parts.changes.notify, Math.min(ms, LONGEST_TIMER));
    this.#timer.unref();
  }
}

/** Whether a question waits, as far as its agent knows. */
function isPending({ handed, unanswered }: AskedQuestion): boolean {
  return handed === undefined && unanswered === undefined;
}

/** Whether a call repeats a question whose answer was not the result of a call yet. */
function isSame(
  { kind, text, choices = [], handed }: AskedQuestion,
  asked: Pick<AskedText, 'text' | 'choices'>,
): boolean {
  return (
    kind === 'question' &&
    handed !== 'result' &&
    text === asked.text &&
    JSON.stringify(choices) === JSON.stringify(asked.choices)
  );
}

function numberOf({ id }: Pick<AskedQuestion, 'id'>): number {
  return Number(id.slice(id.lastIndexOf('.') + 1));
}
