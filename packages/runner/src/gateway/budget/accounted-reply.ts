import type { IncomingHttpHeaders } from 'node:http';
import type { ForwardOutcome, ReplyObserver } from '../http/forward.ts';
import { joined } from '../http/headers.ts';
import type { ProviderApi } from '../provider-api/provider-api.ts';
import type { Recording } from '../recording.ts';
import { DocumentMeter } from '../usage/document-meter.ts';
import { parseRecord, type ReplyMeter } from '../usage/reply-meter.ts';
import { StreamMeter } from '../usage/stream-meter.ts';
import type { Budget } from './budget.ts';
import type { ReplyAccount } from './reply-account.ts';

const SSE = 'text/event-stream';

/** An event of the Messages API, as Anthropic streams it. */
function sseText(data: Buffer): Buffer {
  const type = parseRecord(data.toString('utf8'))?.['type'];
  return Buffer.concat([Buffer.from(`event: ${String(type)}\ndata: `), data, Buffer.from('\n\n')]);
}

/** Measures a reply while it is forwarded, and keeps the ledger and the budget up to date. */
export class AccountedReply implements ReplyObserver {
  readonly drains = true;
  readonly #account: ReplyAccount;
  readonly #budget: Budget;
  readonly #recording: Recording | undefined;
  #meter: ReplyMeter = new DocumentMeter();
  readonly #streamMeter: ProviderApi['streamMeter'];
  /** Whether events are recorded instead of the reply, because only this provider has its format. */
  #recordsEvents = false;
  #settled = false;
  #isProgressDue = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    account: ReplyAccount,
    budget: Budget,
    recording: Recording | undefined,
    { streamMeter }: Pick<ProviderApi, 'streamMeter'>,
  ) {
    this.#account = account;
    this.#budget = budget;
    this.#recording = recording;
    this.#streamMeter = streamMeter;
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    this.#account.head(status, joined(headers['request-id'] ?? headers['x-amzn-requestid']));
    const type = String(headers['content-type']);
    const own = this.#streamMeter?.(type, (data) => this.#recording?.chunk(sseText(data)));
    this.#recordsEvents = own !== undefined;
    if (own !== undefined) this.#meter = own;
    else if (type.includes(SSE)) this.#meter = new StreamMeter();
    // Errors are not recorded: a replay would make the agent wait for them again.
    if (status >= 400) return;
    this.#recording?.head(
      status,
      own === undefined ? headers : { ...headers, 'content-type': SSE },
    );
  }

  chunk(data: Buffer): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#account.received();
    this.#meter.push(data);
    if (!this.#recordsEvents) this.#recording?.chunk(data);
    // Write the final line before the agent gets the end of the reply.
    if (this.#meter.reply.complete) this.settle({ sent: true });
    else this.#progressSoon();
  }

  end(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.settle({ sent: true });
  }

  get settled(): boolean {
    return this.#settled;
  }

  /**
   * Counts what a reply has cost so far, once for all chunks of one turn of the event loop: a reply often reports
   * its usage and ends in the same turn. A response to the agent is written to its socket after that.
   */
  #progressSoon(): void {
    if (this.#isProgressDue) return;
    this.#isProgressDue = true;
    process.nextTick(() => {
      this.#isProgressDue = false;
      try {
        if (!this.#settled && this.#account.progress(this.#meter.reply)) this.#budget.check();
      } catch (error) {
        this.#failure = { error };
      }
    });
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
