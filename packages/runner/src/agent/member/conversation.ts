import { randomUUID } from 'node:crypto';
import {
  type Delivery,
  type Journal,
  LIMITS,
  type Mail,
  type PersonMessage,
  withoutPersonElements,
} from '@agentteam/volume';
import type { BackgroundTask } from '../../prompts/questions.ts';
import { type AgentEvent, type AgentProcess, errorText, type TurnResult } from '../agent-cli.ts';
import { log, logOutput, logResult } from '../log.ts';
import type { InvalidReport } from '../report-tool.ts';
import { MailToLead } from './mail-to-lead.ts';

/**
 * The messages to an agent, and its turns. A message that waits when a turn ends starts the next turn, so
 * the agent is idle only if its turn has ended and it has read every message.
 */
export class Conversation {
  readonly #journal: Journal;
  /** By uuid, the length of each message that was sent and not read yet. */
  readonly #unread = new Map<string, number>();
  readonly #recorded: Delivery[] = [];
  /** Messages of an earlier process that are not due yet. */
  readonly #held: Delivery[] = [];
  readonly #onChange: () => void;
  #process: AgentProcess | undefined;
  #isTurnOver = true;
  /** Whether a person has interrupted the turn that has not ended yet, or the one that has ended last. */
  #isInterrupting = false;
  #wasInterrupted = false;
  #lastResult: TurnResult | undefined;
  #turns = 0;
  #background: readonly BackgroundTask[] = [];
  readonly #mailToLead = new MailToLead();
  #invalidReport: InvalidReport | undefined;

  constructor(journal: Journal, onChange: () => void) {
    this.#journal = journal;
    this.#onChange = onChange;
  }

  attach(process: AgentProcess): void {
    this.#process = process;
  }

  get isIdle(): boolean {
    return this.#isTurnOver && this.#unread.size === 0;
  }

  /** Whether the latest turn has ended because a person interrupted it. */
  get wasInterrupted(): boolean {
    return this.#wasInterrupted;
  }

  /** Whether the agent is going to begin a turn: it has got a message that it has not read. */
  get isBeginning(): boolean {
    return this.#isTurnOver && this.#unread.size > 0;
  }

  /** Interrupts the turn, if there is one. Recorded messages are sent after it has ended. */
  interrupt(): void {
    if (this.#isTurnOver || this.#isInterrupting) return;
    this.#isInterrupting = true;
    this.#process?.interrupt();
  }

  /** Whether the agent has so much to read that more mail should wait. */
  get isBehind(): boolean {
    const lengths = [...this.#unread.values()];
    return lengths.reduce((sum, length) => sum + length, 0) > LIMITS.deliveryCharacters / 2;
  }

  /** How the latest turn ended; `undefined` before the first turn has ended. */
  get lastResult(): TurnResult | undefined {
    return this.#lastResult;
  }

  /** The agent's background tasks that are running. */
  get background(): readonly BackgroundTask[] {
    return this.#background;
  }

  /** The latest call of the report tool that was refused because of its input, if there was one. */
  get invalidReport(): InvalidReport | undefined {
    return this.#invalidReport;
  }

  reportedInvalidly(report: InvalidReport): void {
    this.#invalidReport = report;
  }

  forgetInvalidReport(): void {
    this.#invalidReport = undefined;
  }

  /** Whether the last thing that the agent did was to write to the lead. */
  get leadIsInformed(): boolean {
    return this.#mailToLead.isLast;
  }

  /** The number of turns that have ended in this process. */
  get turns(): number {
    return this.#turns;
  }

  /** Writes a message to the journal. {@link sendRecorded} sends it. */
  async record(text: string, mail: readonly Mail[], person?: PersonMessage): Promise<void> {
    const delivery: Delivery = {
      uuid: randomUUID(),
      text,
      mail,
      at: new Date().toISOString(),
      ...(person !== undefined && { person }),
    };
    await this.#journal.addDelivery(delivery);
    this.#recorded.push(delivery);
  }

  /** Sends the recorded messages. @param before is called before each of them is sent. */
  async sendRecorded(before: (delivery: Delivery) => Promise<void>): Promise<void> {
    if (this.#isInterrupting) return;
    for (const delivery of this.#recorded.splice(0)) {
      await before(delivery);
      this.resend(delivery);
    }
  }

  /** Records a message and sends it. */
  async send(text: string): Promise<void> {
    await this.record(text, []);
    await this.sendRecorded(async () => {});
  }

  /** Keeps a message that is in the journal already until {@link releaseHeld}. */
  hold(delivery: Delivery): void {
    this.#held.push(delivery);
  }

  /** Lets {@link sendRecorded} send the messages that were held. */
  releaseHeld(): void {
    this.#recorded.push(...this.#held.splice(0));
  }

  /** Sends a message that is in the journal already. */
  resend(delivery: Delivery): void {
    const { uuid, person } = delivery;
    // Other messages quote what agents wrote, and agents could imitate a person.
    const text = person === undefined ? withoutPersonElements(delivery.text) : delivery.text;
    this.#unread.set(uuid, text.length);
    this.#process?.send({ uuid, text });
  }

  handle(event: AgentEvent): void {
    this.#mailToLead.handle(event);
    switch (event.type) {
      case 'output':
        this.#isTurnOver = false;
        logOutput(event.parts);
        return;
      case 'delivered':
        this.#isTurnOver = false;
        this.#unread.delete(event.uuid);
        return;
      case 'background':
        this.#background = event.tasks;
        this.#onChange();
        return;
      case 'tool-result':
        logResult(event);
        return;
      case 'api-retry':
        log('api', `retrying: ${event.message}`);
        return;
      case 'turn-ended':
        this.#lastResult = event.result;
        this.#isTurnOver = true;
        this.#wasInterrupted = this.#isInterrupting;
        this.#isInterrupting = false;
        this.#turns += 1;
        if (this.#wasInterrupted) log('turn', 'interrupted');
        else if (event.result.isError)
          log('turn', `ended with an error: ${errorText(event.result)}`);
        else log('turn', 'ended');
        this.#onChange();
        return;
    }
  }
}
