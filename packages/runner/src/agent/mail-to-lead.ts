import { LEAD, REPORT_TOOL } from '@agentteam/contract';
import type { StreamEvent } from './stream.ts';

/** Tools that close a piece of work and add nothing to what an agent has found. */
const CLOSING = new Set(['SendMessage', 'TaskUpdate', 'TaskList', 'TaskGet', REPORT_TOOL.fullName]);

/**
 * Whether an agent's last work was to write to the lead. The lead knows then what the agent has come
 * to, and is not woken a second time by the agent's end.
 */
export class MailToLead {
  /** By id, the number of each call that sends mail to the lead and has no result yet. */
  readonly #sending = new Map<string, number>();
  #calls = 0;
  #lastMail = 0;
  #lastWork = 0;

  get isLast(): boolean {
    return this.#lastMail > this.#lastWork;
  }

  handle(event: StreamEvent): void {
    if (event.type === 'tool-result') {
      const call = this.#sending.get(event.toolUseId);
      this.#sending.delete(event.toolUseId);
      if (call !== undefined && event.succeeded) this.#lastMail = call;
    }
    if (event.type !== 'assistant') return;
    for (const { type, id = '', name = '', input } of event.content) {
      if (type !== 'tool_use') continue;
      this.#calls += 1;
      if (name === 'SendMessage' && isToLead(input)) this.#sending.set(id, this.#calls);
      else if (!CLOSING.has(name)) this.#lastWork = this.#calls;
    }
  }
}

function isToLead(input: unknown): boolean {
  const { to, message } = (input ?? {}) as { readonly to?: unknown; readonly message?: unknown };
  // An answer of the protocol is not a report.
  return to === LEAD && typeof message === 'string';
}
