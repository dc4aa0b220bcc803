import type { IncomingHttpHeaders } from 'node:http';
import type { Budget } from './budget.ts';
import type { ForwardOutcome, ReplyObserver } from './forward.ts';
import { joined } from './headers.ts';
import type { Recording } from './recording.ts';
import type { ReplyAccount } from './reply-account.ts';
import { DocumentMeter } from './usage/document-meter.ts';
import type { ReplyMeter } from './usage/reply-meter.ts';
import { StreamMeter } from './usage/stream-meter.ts';

/** Measures a reply while it is forwarded, and keeps the ledger and the budget up to date. */
export class AccountedReply implements ReplyObserver {
  readonly drains = true;
  readonly #account: ReplyAccount;
  readonly #budget: Budget;
  readonly #recording: Recording | undefined;
  #meter: ReplyMeter = new DocumentMeter();
  #settled = false;

  constructor(account: ReplyAccount, budget: Budget, recording: Recording | undefined) {
    this.#account = account;
    this.#budget = budget;
    this.#recording = recording;
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    this.#account.head(status, joined(headers['request-id']));
    // Errors are not recorded: a replay would make the agent wait for them again.
    if (status < 400) this.#recording?.head(status, headers);
    if (String(headers['content-type']).includes('text/event-stream')) {
      this.#meter = new StreamMeter();
    }
  }

  chunk(data: Buffer): void {
    this.#meter.push(data);
    this.#recording?.chunk(data);
    // Write the final line before the agent gets the end of the reply.
    if (this.#meter.reply.complete) this.settle({ sent: true });
    else if (this.#account.progress(this.#meter.reply)) this.#budget.check();
  }

  end(): void {
    this.settle({ sent: true });
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Writes the final line, once. */
  settle({ sent }: Pick<ForwardOutcome, 'sent'>): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#meter.end();
    this.#account.done(this.#meter.reply, sent);
    this.#budget.settle();
  }
}
