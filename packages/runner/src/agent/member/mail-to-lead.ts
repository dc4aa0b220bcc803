import { LEAD } from '@agentteam/contract';
import type { AgentEvent } from '../agent-cli.ts';

/**
 * Tells whether the last thing that an agent did was to write to the lead. The lead then knows the result,
 * and the agent's end does not wake it a second time.
 */
export class MailToLead {
  /** By call id, the number of each call that sends mail to the lead and has no result yet. */
  readonly #pending = new Map<string, number>();
  #calls = 0;
  #lastMail = 0;
  #lastWork = 0;

  get isLast(): boolean {
    return this.#lastMail > this.#lastWork;
  }

  handle(event: AgentEvent): void {
    if (event.type === 'tool-result') {
      const call = this.#pending.get(event.callId);
      this.#pending.delete(event.callId);
      if (call !== undefined && event.isSuccess) this.#lastMail = call;
    }
    if (event.type !== 'output') return;
    for (const part of event.parts) {
      if (part.type !== 'tool-call') continue;
      this.#calls += 1;
      if (part.mailTo === LEAD) this.#pending.set(part.id, this.#calls);
      else if (part.purpose === 'work') this.#lastWork = this.#calls;
    }
  }
}
