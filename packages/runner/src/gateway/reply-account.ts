import { randomUUID } from 'node:crypto';
import {
  type LedgerEntry,
  type Money,
  moneyText,
  NO_TOKENS,
  type PriceTable,
  priceReply,
  type ReplyUsage,
} from '@agentteam/ledger';
import type { Books } from './books.ts';
import type { ForwardOutcome } from './forward.ts';
import type { RequestFacts } from './request-body.ts';
import type { MeteredReply } from './usage/reply-meter.ts';
import { replyUsage } from './usage/reported-usage.ts';

/** Bytes of streamed text for one token, where the API has not counted yet: rather few than many. */
const BYTES_PER_TOKEN = 3;
/** Bytes of a request for one token of it, in the worst case that can be expected. */
const REQUEST_BYTES_PER_TOKEN = 2;

export interface AccountOptions {
  readonly books: Books;
  readonly prices: PriceTable;
  readonly team: string;
  readonly agent: string;
  readonly session: string | undefined;
  readonly facts: RequestFacts;
  /** Size of the request. */
  readonly requestBytes: number;
  /**
   * Whether output that has streamed counts before the API has counted it: to cut a team off near its
   * limit. Otherwise a limit is reached by what was reported alone.
   */
  readonly countStreamed: boolean;
}

/** Streamed bytes between two lines of the ledger while a reply streams. */
const STEP_BYTES = { counted: 1024, noted: 4096 } as const;

/** One request's lines in the ledger, from before it is sent to its end. */
export class ReplyAccount {
  readonly #options: AccountOptions;
  readonly #id: string = randomUUID();
  readonly #started: number = performance.now();
  #last: LedgerEntry;
  #ttftMs: number | undefined;
  #status = 0;
  #requestId: string | undefined;
  #notedUsage: MeteredReply['usage'];
  #notedBytes = 0;
  /** What is charged where the API never says what it read. */
  readonly #guess: ReplyUsage;

  /** @throws LedgerWriteError when the ledger cannot take it: the request must not be sent then. */
  constructor(options: AccountOptions) {
    this.#options = options;
    const input = Math.ceil(options.requestBytes / REQUEST_BYTES_PER_TOKEN);
    this.#guess = { tokens: { ...NO_TOKENS, input }, webSearches: 0 };
    this.#last = this.#entry('open', this.#guess, undefined, 0);
    options.books.announce(this.#last);
  }

  /** The entry as it was last written. */
  get entry(): LedgerEntry {
    return this.#last;
  }

  head(status: number, requestId: string | undefined): void {
    this.#status = status;
    this.#requestId = requestId?.slice(0, 128);
  }

  /** Notes what a reply has cost so far, when it has reported something or streamed another step. */
  progress(reply: MeteredReply): boolean {
    this.#ttftMs ??= this.#elapsed();
    const news = reply.usage !== undefined && this.#notedUsage === undefined;
    const { countStreamed } = this.#options;
    const stepBytes = countStreamed ? STEP_BYTES.counted : STEP_BYTES.noted;
    const step = reply.streamedBytes - this.#notedBytes >= stepBytes;
    // Before the first report of usage there is nothing to price; the open line stands for it.
    if (reply.usage === undefined || !(news || step)) return false;
    this.#notedUsage = reply.usage;
    this.#notedBytes = reply.streamedBytes;
    const estimated = this.#estimated(reply);
    const usage = countStreamed ? estimated : replyUsage(reply.usage);
    this.#keep({
      ...this.#entry('streaming', usage, reply, reply.messagesSent),
      streamedOutput: estimated.tokens.output,
    });
    return true;
  }

  /** @param outcome `error` where the exchange was broken off, on either side. */
  done(reply: MeteredReply, { error, unpriced }: Pick<ForwardOutcome, 'error' | 'unpriced'>): void {
    // A proxy on the way may close a stream in good order that broke off behind it.
    const half = reply.usage !== undefined && !reply.complete;
    const cut = unpriced || ((error !== undefined || half) && this.#status === 200);
    const measured = cut ? this.#estimated(reply) : replyUsage(reply.usage);
    const usage = unpriced ? this.#guess : measured;
    this.#keep({
      ...this.#entry('done', usage, reply, reply.messagesSent),
      ...(cut ? { cut: true } : {}),
      ms: this.#elapsed(),
    });
  }

  /** The API counts output at the end of a stream; until then what was streamed tells how much there is. */
  #estimated(reply: MeteredReply): ReplyUsage {
    const streamed = reply.complete ? 0 : Math.ceil(reply.streamedBytes / BYTES_PER_TOKEN);
    return replyUsage(reply.usage, streamed);
  }

  #keep(entry: LedgerEntry): void {
    this.#last = entry;
    this.#options.books.keep(entry);
  }

  #entry(
    state: LedgerEntry['state'],
    usage: ReplyUsage,
    reply: MeteredReply | undefined,
    messagesSent: number,
  ): LedgerEntry {
    const { team, agent, session, facts, prices } = this.#options;
    const models = [reply?.model, facts.model].filter((model) => model !== undefined);
    const { usd, basis } = priceReply(prices, models, usage);
    return {
      v: 1,
      id: this.#id,
      state,
      at: new Date().toISOString(),
      team,
      agent,
      ...(session === undefined ? {} : { session }),
      ...(this.#requestId === undefined ? {} : { requestId: this.#requestId }),
      model: models[0] ?? 'unknown',
      tokens: usage.tokens,
      webSearches: usage.webSearches,
      usd: moneyText(usd),
      basis,
      ...(this.#ttftMs === undefined ? {} : { ttftMs: this.#ttftMs }),
      status: this.#status,
      messagesSent,
    };
  }

  #elapsed(): number {
    return Math.round((performance.now() - this.#started) * 10) / 10;
  }
}

/**
 * The most that a request can be expected to cost: its input written to the cache for an hour, the
 * dearest way to read it, its output at `max_tokens`, all web searches that it allows. What a tool of
 * the API's own reads in between is not known before.
 */
export function dearestOutcome(prices: PriceTable, facts: RequestFacts, bytes: number): Money {
  const { model, maxTokens = 0, webSearches = 0, speed, geo } = facts;
  const cacheWrite1h = Math.ceil(bytes / REQUEST_BYTES_PER_TOKEN);
  return priceReply(prices, model === undefined ? [] : [model], {
    tokens: { ...NO_TOKENS, cacheWrite1h, output: maxTokens },
    webSearches,
    ...(speed === undefined ? {} : { speed }),
    ...(geo === undefined ? {} : { geo }),
  }).usd;
}
