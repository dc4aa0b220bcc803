import {
  type AgentReport,
  ASK_TOOL,
  QUESTION_LIMITS,
  type QuestionAnswer,
  type QuestionRules,
  utcTime,
} from '@agentteam/contract';
import { cutText } from '@agentteam/text';
import {
  type AskedQuestion,
  answerMessage,
  formatPersonMessage,
  type Journal,
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
import { log } from '../log.ts';
import type { Conversation } from '../member/conversation.ts';
import type { OwnState } from '../own-state.ts';
import { failureOf } from '../report-tool.ts';
import type { StepResult } from '../step-result.ts';
import { QuestionList, type QuestionListParts } from './question-list.ts';
import { type AskedText, readQuestion } from './read-question.ts';

export interface DeskParts extends QuestionListParts {
  readonly rules: QuestionRules;
  readonly state: OwnState;
  readonly journal: Pick<Journal, 'personMessageIds'>;
  readonly conversation: Pick<Conversation, 'record' | 'sendRecorded'>;
}

/** The result of a call that was interrupted; the agent's program does not read it. */
const CALL_INTERRUPTED = 'The call was interrupted.';

type Waiter = (answer: ToolAnswer) => void;

/**
 * Lets an agent ask people. A question is recorded before the call of the tool waits, so an agent that was
 * restarted gets the answer as a person's message, or from the same call again.
 */
export class QuestionDesk {
  readonly tool: AgentTool;
  readonly #parts: DeskParts;
  readonly #list: QuestionList;
  /** By id, the calls of the tool that wait in this process. */
  readonly #waiters = new Map<string, Waiter[]>();
  /** Ids of questions that calls of an earlier process asked, and whose answers were missing when this one began. */
  readonly #earlier: ReadonlySet<string>;
  /** Ids of questions whose answer is on its way as the result of a call. */
  readonly #returned = new Set<string>();
  #failure: StepResult | undefined;

  private constructor(parts: DeskParts, list: QuestionList) {
    this.#parts = parts;
    this.#list = list;
    const asked = list.pending.filter(({ kind }) => kind === 'question');
    this.#earlier = new Set(asked.map(({ id }) => id));
    this.tool = {
      name: ASK_TOOL.name,
      definition: askDefinition(parts.rules),
      call: (input, signal) => this.#ask(input, signal),
    };
  }

  static async open(parts: DeskParts): Promise<QuestionDesk> {
    return new QuestionDesk(parts, await QuestionList.open(parts));
  }

  /** Whether the agent waits for an answer. */
  get isWaiting(): boolean {
    return this.#list.pending.length > 0;
  }

  /** Whether a question of an earlier process, whose agent waited in a call, has no answer yet. */
  get isWaitingForEarlierCall(): boolean {
    return this.#list.pending.some(({ id }) => this.#earlier.has(id));
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
    for (const id of returned) {
      this.#list
        .setHanded(id, 'result')
        .catch((error: unknown) => log('question', `not recorded: ${String(error)}`));
    }
  }

  /** Hands over the answers that have arrived, and ends the questions whose time is up. */
  async collect(): Promise<void> {
    const waiting = this.#list.all.filter(({ handed }) => handed === undefined);
    if (waiting.length === 0) return;
    for (const { id } of waiting) {
      // The agent may have asked again meanwhile, and got the answer.
      const question = this.#list.all.find((one) => one.id === id && one.handed === undefined);
      if (question === undefined || this.#returned.has(id)) continue;
      const answer = await this.#list.answer(question);
      if (answer !== undefined) await this.#handOver(question, answer);
      else if (question.unanswered !== undefined) await this.#handOverEnd(question);
      else if (Date.now() >= Date.parse(question.deadline)) await this.#end(question);
    }
    this.#list.setTimer();
  }

  /**
   * Asks a person what to do about an agent that has reported that it is blocked.
   * @returns whether to wait. Otherwise the step ends.
   */
  async askAboutBlocked(report: AgentReport): Promise<boolean> {
    const text = cutText(report.reason ?? report.summary, QUESTION_LIMITS.text);
    const latest = this.#list.all.at(-1);
    if (latest?.kind === 'blocked' && latest.text === text && latest.unanswered !== undefined) {
      return false;
    }
    if (this.#list.isFull) return false;
    const { deadlineSeconds } = this.#parts.rules;
    await this.#list.add({ text, choices: [], deadlineSeconds }, 'blocked');
    return true;
  }

  async #ask(input: unknown, signal: AbortSignal): Promise<ToolAnswer> {
    const fields = (input ?? {}) as Readonly<Record<string, unknown>>;
    const read = readQuestion(fields, this.#parts.rules);
    if ('problem' in read) return { text: read.problem, isError: true };
    try {
      const known = this.#list.all.find((one) => isSame(one, read.question));
      if (known === undefined) return await this.#askAnew(read.question, signal);
      const answer = await this.#list.answer(known);
      if (answer !== undefined) return this.#result(known, answerText(answer));
      if (known.unanswered !== undefined) return this.#result(known, unansweredText(known));
      return this.#wait(known.id, signal);
    } catch (error) {
      log('question', `could not be recorded: ${String(error)}`);
      return { text: QUESTION_NOT_RECORDED, isError: true };
    }
  }

  async #askAnew(question: AskedText, signal: AbortSignal): Promise<ToolAnswer> {
    const { perAgent, open } = QUESTION_LIMITS;
    if (this.#list.isFull) return { text: tooManyQuestions(perAgent), isError: true };
    if (this.#list.pending.length >= open) return { text: tooManyOpen(open), isError: true };
    return this.#wait((await this.#list.add(question, 'question')).id, signal);
  }

  /** Waits for the answer. After an interrupt nobody waits here, and the answer becomes a person's message. */
  #wait(id: string, signal: AbortSignal): Promise<ToolAnswer> {
    return new Promise((resolve) => {
      this.#waiters.set(id, [...(this.#waiters.get(id) ?? []), resolve]);
      const leave = (): void => {
        const others = (this.#waiters.get(id) ?? []).filter((one) => one !== resolve);
        if (others.length === 0) this.#waiters.delete(id);
        else this.#waiters.set(id, others);
        resolve({ text: CALL_INTERRUPTED, isError: true });
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
      this.#parts.changes.notify();
    });
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
    await this.#list.setHanded(question.id, 'message');
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
    await this.#list.replace(ended);
    const late = await this.#list.answer(question);
    if (late !== undefined) {
      await this.#list.replace(question);
      return this.#handOver(question, late);
    }
    log('question', `nobody answered ${id}: ${how}`);
    return this.#handOverEnd(ended);
  }

  async #handOverEnd(question: AskedQuestion): Promise<void> {
    const { kind, text, deadline, unanswered } = question;
    const { state, conversation } = this.#parts;
    if (unanswered?.how === 'fail') {
      await this.#list.setHanded(question.id, 'message');
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
    await this.#list.setHanded(question.id, 'message');
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
