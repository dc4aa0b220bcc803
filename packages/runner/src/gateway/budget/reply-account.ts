import { moneyText } from '@agentteam/contract';
import {
  type Charge,
  type LedgerEntry,
  NO_TOKENS,
  type PriceTable,
  priceReply,
  REPEAT_MS,
  type ReplyUsage,
} from '@agentteam/ledger';
import type { RequestFacts } from '../request/request-facts.ts';
import { worstCase, worstCaseOf } from '../request/worst-case.ts';
import type { MeteredReply } from '../usage/reply-meter.ts';
import { replyUsage } from '../usage/reported-usage.ts';
import type { TeamLedger } from './team-ledger.ts';

/** Bytes of streamed text for one token, before the API reports the count. This rather overestimates tokens. */
const BYTES_PER_TOKEN = 3;
/** The minimum that the API charges for a container that ran code. */
const MIN_CODE_SECONDS = 300;

export interface AccountOptions {
  readonly ledger: TeamLedger;
  readonly prices: PriceTable;
  readonly team: string;
  readonly agent: string;
  readonly session: string | undefined;
  readonly facts: RequestFacts;
  /** Messages to other agents whose delivery this request is the first to confirm. */
  readonly messagesSent: number;
  /** Id of the request's line in the ledger, and of its reservation. */
  readonly id: string;
  /**
   * Whether to estimate streamed output before the API reports it, so that a reply can be cut off near
   * the limit. Otherwise only reported usage counts.
   */
  readonly countStreamed: boolean;
  /** See {@link LedgerEntry.credential}. */
  readonly credential: string | undefined;
}

/** Streamed bytes between two lines of the ledger, if streamed output is estimated. */
const STEP_BYTES = 1024;

/** Writes the ledger lines of one request, from before it is sent until its end. */
export class ReplyAccount {
  readonly #options: AccountOptions;
  readonly #id: string;
  readonly #started: number = performance.now();
  readonly #repeating: NodeJS.Timeout;
  #last: LedgerEntry;
  #ttftMs: number | undefined;
  #status = 0;
  #requestId: string | undefined;
  #writtenUsage: MeteredReply['usage'];
  #writtenBytes = 0;

  /** @throws LedgerWriteError when the ledger cannot be written. The request must not be sent then. */
  constructor(options: AccountOptions) {
    this.#options = options;
    this.#id = options.id;
    const nothing: ReplyUsage = { tokens: NO_TOKENS, webSearches: 0 };
    const ifLost = this.#charge(worstCase(options.facts), undefined);
    this.#last = { ...this.#entry('open', nothing, undefined), ifLost };
    options.ledger.announce(this.#last);
    // Without repeated lines, other readers would conclude that this gateway was killed.
    this.#repeating = setInterval(() => this.#record(this.#last), REPEAT_MS);
    this.#repeating.unref();
  }

  /** The entry that was written last. */
  get entry(): LedgerEntry {
    return this.#last;
  }

  head(status: number, requestId: string | undefined): void {
    this.#status = status;
    this.#requestId = requestId?.slice(0, 128);
  }

  /** Call this for each part of the reply. */
  received(): void {
    this.#ttftMs ??= this.#elapsed();
  }

  /**
   * Records what a reply has cost so far, if its usage has changed or another step has streamed.
   * @returns whether a line was written.
   */
  progress(reply: MeteredReply): boolean {
    const { countStreamed } = this.#options;
    const step = countStreamed && reply.streamedBytes - this.#writtenBytes >= STEP_BYTES;
    // Before the first report of usage, there is nothing to price.
    if (reply.usage === undefined || !(step || reply.usage !== this.#writtenUsage)) return false;
    this.#writtenUsage = reply.usage;
    this.#writtenBytes = reply.streamedBytes;
    const usage = this.#reported(reply, reply.usage);
    const soFar = countStreamed && !usage.passes ? withStreamed(usage, reply) : usage;
    const ifLost = this.#charge(this.#rest(reply), reply);
    this.#record({ ...this.#entry('streaming', soFar, reply), ifLost });
    return true;
  }

  /** @param sent whether the request was sent. The API may charge for it then. */
  done(reply: MeteredReply, sent: boolean): void {
    clearInterval(this.#repeating);
    const { usage } = reply;
    const refused = this.#status >= 300;
    const known = usage !== undefined && !usage.unreadable && !reply.skipped;
    const nothing = { tokens: NO_TOKENS, webSearches: 0 };
    const isCostKnown = refused ? usage === undefined || known : known && reply.complete;
    const cut = (this.#status > 0 || sent) && !isCostKnown;
    const reported = usage === undefined ? nothing : this.#reported(reply, usage);
    this.#record({
      ...this.#entry('done', cut ? this.#rest(reply) : reported, reply),
      ...(usage !== undefined && usage.unknown.size > 0
        ? { unknownUsage: [...usage.unknown.keys()] }
        : {}),
      ...(cut && { cut: true }),
      ms: this.#elapsed(),
    });
  }

  #reported(reply: MeteredReply, usage: NonNullable<MeteredReply['usage']>): ReplyUsage {
    const { facts } = this.#options;
    const counted = {
      ...replyUsage(usage, facts.cache === '1h' ? '1h' : '5m'),
      ...(facts.isRegional && { isRegional: true }),
    };
    const codeSeconds = Math.max(MIN_CODE_SECONDS, Math.ceil(this.#elapsed() / 1000));
    return facts.runsCode || reply.ranCode ? { ...counted, codeSeconds } : counted;
  }

  /** The usage that is charged if the API reports nothing more. */
  #rest(reply: MeteredReply): ReplyUsage {
    const { usage } = reply;
    const { prices, facts } = this.#options;
    const reported = usage === undefined ? undefined : this.#reported(reply, usage);
    const readable = usage?.unreadable !== true && !reply.skipped;
    return worstCaseOf(prices, this.#models(reply), facts, { reported, readable });
  }

  #record(entry: LedgerEntry): void {
    this.#last = entry;
    this.#options.ledger.record(entry);
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
    const { team, agent, session, prices, credential } = this.#options;
    const models = this.#models(reply);
    const { usd, basis, others } = priceReply(prices, models, usage);
    return {
      v: 1,
      id: this.#id,
      state,
      at: new Date().toISOString(),
      team,
      agent,
      ...(session !== undefined && { session }),
      ...(this.#requestId !== undefined && { requestId: this.#requestId }),
      model: models[0] ?? 'unknown',
      tokens: usage.tokens,
      webSearches: usage.webSearches,
      usd: moneyText(usd),
      basis,
      ...(others.length === 0
        ? {}
        : { others: others.map((other) => ({ ...other, usd: moneyText(other.usd) })) }),
      ...(this.#ttftMs !== undefined && { ttftMs: this.#ttftMs }),
      status: this.#status,
      ...(credential !== undefined && { credential }),
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
