import {
  type Charge,
  type LedgerEntry,
  moneyText,
  NO_TOKENS,
  type PriceTable,
  priceReply,
  REPEAT_MS,
  type ReplyUsage,
} from '@agentteam/ledger';
import type { Books } from './books.ts';
import { dearestOutcome, dearestRest } from './request/dearest-outcome.ts';
import type { RequestFacts } from './request/request-facts.ts';
import type { MeteredReply } from './usage/reply-meter.ts';
import { replyUsage } from './usage/reported-usage.ts';

/** Bytes of streamed text for one token, where the API has not counted yet: rather few than many. */
const BYTES_PER_TOKEN = 3;
/** The least that the API charges for a container that ran code. */
const LEAST_CODE_SECONDS = 300;

export interface AccountOptions {
  readonly books: Books;
  readonly prices: PriceTable;
  readonly team: string;
  readonly agent: string;
  readonly session: string | undefined;
  readonly facts: RequestFacts;
  /** Of the agent's messages, those whose arrival this request is the first to tell of. */
  readonly messagesSent: number;
  /** Of the request's line in the ledger, and of its reservation. */
  readonly id: string;
  /**
   * Whether output that has streamed counts before the API has counted it: to cut a team off near its
   * limit. Otherwise a limit is reached by what was reported alone.
   */
  readonly countStreamed: boolean;
}

/** Streamed bytes between two lines of the ledger while a reply streams, where streamed output counts. */
const STEP_BYTES = 1024;

/** One request's lines in the ledger, from before it is sent to its end. */
export class ReplyAccount {
  readonly #options: AccountOptions;
  readonly #id: string;
  readonly #started: number = performance.now();
  readonly #repeating: NodeJS.Timeout;
  #last: LedgerEntry;
  #ttftMs: number | undefined;
  #status = 0;
  #requestId: string | undefined;
  #notedUsage: MeteredReply['usage'];
  #notedBytes = 0;

  /** @throws LedgerWriteError when the ledger cannot take it: the request must not be sent then. */
  constructor(options: AccountOptions) {
    this.#options = options;
    this.#id = options.id;
    const nothing: ReplyUsage = { tokens: NO_TOKENS, webSearches: 0 };
    const ifLost = this.#charge(dearestOutcome(options.facts), undefined);
    this.#last = { ...this.#entry('open', nothing, undefined), ifLost };
    options.books.announce(this.#last);
    // Others would take it for given up.
    this.#repeating = setInterval(() => this.#keep(this.#last), REPEAT_MS);
    this.#repeating.unref();
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
    const { countStreamed } = this.#options;
    const step = countStreamed && reply.streamedBytes - this.#notedBytes >= STEP_BYTES;
    // Before the first report of usage there is nothing to price; the open line stands for it.
    if (reply.usage === undefined || !(step || reply.usage !== this.#notedUsage)) return false;
    this.#notedUsage = reply.usage;
    this.#notedBytes = reply.streamedBytes;
    const usage = this.#reported(reply, reply.usage);
    const soFar = countStreamed && !usage.passes ? withStreamed(usage, reply) : usage;
    const ifLost = this.#charge(this.#rest(reply), reply);
    this.#keep({ ...this.#entry('streaming', soFar, reply), ifLost });
    return true;
  }

  /** @param sent whether the request had left whole: the API may charge for it from then on. */
  done(reply: MeteredReply, sent: boolean): void {
    clearInterval(this.#repeating);
    const { usage } = reply;
    const refused = this.#status >= 300;
    const known = usage !== undefined && !usage.unreadable && !reply.skipped;
    const nothing = { tokens: NO_TOKENS, webSearches: 0 };
    const told = refused ? usage === undefined || known : known && reply.complete;
    const cut = (this.#status > 0 || sent) && !told;
    const reported = usage === undefined ? nothing : this.#reported(reply, usage);
    this.#keep({
      ...this.#entry('done', cut ? this.#rest(reply) : reported, reply),
      ...(usage !== undefined && usage.unknown.size > 0
        ? { unknownUsage: [...usage.unknown.keys()] }
        : {}),
      ...(cut ? { cut: true } : {}),
      ms: this.#elapsed(),
    });
  }

  #reported(reply: MeteredReply, usage: NonNullable<MeteredReply['usage']>): ReplyUsage {
    const { facts } = this.#options;
    const counted = replyUsage(usage, facts.cache === '1h' ? '1h' : '5m');
    const codeSeconds = Math.max(LEAST_CODE_SECONDS, Math.ceil(this.#elapsed() / 1000));
    return facts.runsCode || reply.ranCode ? { ...counted, codeSeconds } : counted;
  }

  /** What it is charged if the API says no more. */
  #rest(reply: MeteredReply): ReplyUsage {
    const { usage } = reply;
    const { prices, facts } = this.#options;
    const reported = usage === undefined ? undefined : this.#reported(reply, usage);
    const readable = usage?.unreadable !== true && !reply.skipped;
    return dearestRest(prices, this.#models(reply), facts, { reported, readable });
  }

  #keep(entry: LedgerEntry): void {
    this.#last = entry;
    this.#options.books.keep(entry);
  }

  #models(reply: MeteredReply | undefined): readonly string[] {
    return [reply?.model, this.#options.facts.model].filter((model) => model !== undefined);
  }

  #charge(usage: ReplyUsage, reply: MeteredReply | undefined): Charge {
    const { usd } = priceReply(this.#options.prices, this.#models(reply), usage);
    return { tokens: usage.tokens, usd: moneyText(usd) };
  }

  #entry(
    state: LedgerEntry['state'],
    usage: ReplyUsage,
    reply: MeteredReply | undefined,
  ): LedgerEntry {
    const { team, agent, session, prices } = this.#options;
    const models = this.#models(reply);
    const { usd, basis, others } = priceReply(prices, models, usage);
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
      ...(others.length === 0
        ? {}
        : { others: others.map((other) => ({ ...other, usd: moneyText(other.usd) })) }),
      ...(this.#ttftMs === undefined ? {} : { ttftMs: this.#ttftMs }),
      status: this.#status,
      messagesSent: this.#options.messagesSent,
    };
  }

  #elapsed(): number {
    return Math.round((performance.now() - this.#started) * 10) / 10;
  }
}

function withStreamed(usage: ReplyUsage, { streamedBytes }: MeteredReply): ReplyUsage {
  const output = Math.max(usage.tokens.output, Math.ceil(streamedBytes / BYTES_PER_TOKEN));
  return { ...usage, tokens: { ...usage.tokens, output } };
}
