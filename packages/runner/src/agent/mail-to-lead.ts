import { LEAD, REPORT_TOOL } from '@agentteam/contract';
import type { StreamEvent } from './stream.ts';

/** Tools that close a piece of work and add nothing to what an agent has found. */
const CLOSING = new Set(['SendMessage', 'TaskUpdate', 'TaskList', 'TaskGet', REPORT_TOOL.fullName]);

/**
 * Whether an agent's last work was to write to the lead. The lead knows then what the agent has come
 * to, and is not woken a second time by the agent's end.
 */
export class MailToLead {
  /** Ids of calls that send mail to the lead and have no result yet. */
  readonly #sending = new Set<string>();
  #isLast = false;

  get isLast(): boolean {
    return this.#isLast;
  }

  handle(event: StreamEvent): void {
    if (event.type === 'tool-result' && this.#sending.delete(event.toolUseId)) {
      this.#isLast = event.succeeded;
    }
    if (event.type !== 'assistant') return;
    for (const { type, id, name = '', input } of event.content) {
      if (type !== 'tool_use') continue;
      if (name === 'SendMessage' && isToLead(input)) this.#sending.add(id ?? '');
      else if (!CLOSING.has(name)) this.#isLast = false;
    }
  }
}

function isToLead(input: unknown): boolean {
  const { to, message } = (input ?? {}) as { readonly to?: unknown; readonly message?: unknown };
  // An answer of the protocol is not a report.
  return to === LEAD && typeof message === 'string';
}
