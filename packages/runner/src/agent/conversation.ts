import { randomUUID } from 'node:crypto';
import { LIMITS, type Mail } from '@agentteam/volume';
import type { BackgroundTask } from './background.ts';
import type { Claude } from './claude.ts';
import type { Delivery, Journal } from './journal.ts';
import { log, logContent } from './log.ts';
import { MailToLead } from './mail-to-lead.ts';
import type { StreamEvent } from './stream.ts';

export interface TurnResult {
  readonly text: string;
  readonly isError: boolean;
  readonly reason: string;
  /** Why the model's last reply ended, as the API names it. */
  readonly stopReason: string;
}

/**
 * What is said to an agent, and when its turns end. A message counts as heard when the CLI hands it
 * back: one that waits when a turn ends begins the next turn, so the agent is idle only when its
 * turn has ended and nothing waits.
 */
export class Conversation {
  readonly #journal: Journal;
  /** By uuid, the length of what was said and not heard yet. */
  readonly #unheard = new Map<string, number>();
  readonly #recorded: Delivery[] = [];
  readonly #onChange: () => void;
  #claude: Claude | undefined;
  #idle = true;
  #last: TurnResult | undefined;
  #turns = 0;
  #background: readonly BackgroundTask[] = [];
  readonly #mailToLead = new MailToLead();

  constructor(journal: Journal, onChange: () => void) {
    this.#journal = journal;
    this.#onChange = onChange;
  }

  attach(claude: Claude): void {
    this.#claude = claude;
  }

  get idle(): boolean {
    return this.#idle && this.#unheard.size === 0;
  }

  /** Whether so much was said and not heard yet that more mail had better wait. */
  get isBehind(): boolean {
    const lengths = [...this.#unheard.values()];
    return lengths.reduce((sum, length) => sum + length, 0) > LIMITS.deliveryCharacters / 2;
  }

  /** How the latest turn ended. */
  get last(): TurnResult | undefined {
    return this.#last;
  }

  /** What the agent has running in the background. */
  get background(): readonly BackgroundTask[] {
    return this.#background;
  }

  /** Whether the last that the agent did was to write to the lead. */
  get leadKnows(): boolean {
    return this.#mailToLead.isLast;
  }

  /** Turns that have ended in this process. */
  get turns(): number {
    return this.#turns;
  }

  /** Writes down what is to be said; it is said when it is safe that nobody else says it too. */
  async record(text: string, mail: readonly Mail[]): Promise<void> {
    const delivery: Delivery = { uuid: randomUUID(), text, mail, at: new Date().toISOString() };
    await this.#journal.deliver(delivery);
    this.#recorded.push(delivery);
  }

  /** Says what was recorded. */
  async sayRecorded(before: (delivery: Delivery) => Promise<void>): Promise<void> {
    for (const delivery of this.#recorded.splice(0)) {
      await before(delivery);
      this.repeat(delivery);
    }
  }

  async say(text: string): Promise<void> {
    await this.record(text, []);
    await this.sayRecorded(async () => {});
  }

  /** Says something that stands in the journal already. */
  repeat({ uuid, text }: Delivery): void {
    this.#unheard.set(uuid, text.length);
    this.#claude?.say(uuid, text);
  }

  /** @returns how a turn ended, if this event ended one. */
  handle(event: StreamEvent): TurnResult | undefined {
    this.#mailToLead.handle(event);
    switch (event.type) {
      case 'assistant':
        this.#idle = false;
        logContent(event.content);
        return undefined;
      case 'delivered':
        this.#idle = false;
        this.#unheard.delete(event.uuid);
        return undefined;
      case 'background':
        this.#background = event.tasks;
        this.#onChange();
        return undefined;
      case 'tool-result':
      case 'mcp':
        return undefined;
      case 'retry':
        log('api', `asks to wait: ${event.message}`);
        return undefined;
      case 'result': {
        const { text, isError, reason, stopReason } = event;
        this.#last = { text, isError, reason, stopReason };
        this.#idle = true;
        this.#turns += 1;
        log('turn', isError ? `ended with an error: ${text}` : 'ended');
        this.#onChange();
        return this.#last;
      }
    }
  }
}
