import {
  formatMoney,
  type LedgerEntry,
  LedgerReader,
  type LedgerTotals,
  LedgerWriteError,
  LedgerWriter,
  moneyText,
  type PriceTable,
  priceReply,
} from '@agentteam/ledger';
import type { Logger } from './log.ts';

/** This agent's ledger to write, and all of the team's to read. */
export class Books {
  readonly #agent: string;
  readonly #writer: LedgerWriter;
  readonly #reader: LedgerReader;
  readonly #log: Logger;

  private constructor(agent: string, writer: LedgerWriter, reader: LedgerReader, log: Logger) {
    this.#agent = agent;
    this.#writer = writer;
    this.#reader = reader;
    this.#log = log;
  }

  /** Opens the ledgers, and settles what an earlier gateway of this agent left open when it was killed. */
  static async open(
    directory: string,
    agent: string,
    prices: PriceTable,
    log: Logger,
  ): Promise<Books> {
    const reader = new LedgerReader(directory);
    await reader.refresh();
    const books = new Books(agent, new LedgerWriter(directory, agent), reader, log);
    for (const entry of reader.entries()) {
      if (entry.agent === agent) books.#settleAbandoned(entry, prices);
    }
    return books;
  }

  /** What the team has spent as far as this process knows without looking again. */
  get totals(): LedgerTotals {
    return this.#reader.totals;
  }

  /** Looks what the others have spent; what this process spends it counts as it writes. */
  async refresh(): Promise<LedgerTotals> {
    return this.#reader.refresh(this.#agent);
  }

  /** Looks also for what another gateway of this agent may still write: that of a pod on its way out. */
  async refreshAll(): Promise<LedgerTotals> {
    return this.#reader.refresh();
  }

  /** @throws LedgerWriteError while the disk takes nothing: nothing may be asked of the API then. */
  assertWritable(): void {
    this.#writer.flush();
  }

  /** Notes a request that is about to be sent. @throws LedgerWriteError: then it must not be. */
  announce(entry: LedgerEntry): void {
    this.#writer.appendOrDrop(entry);
    this.#reader.count(entry);
  }

  /** Notes what has been spent. It counts in any case, and is written as soon as the disk takes it. */
  keep(entry: LedgerEntry): void {
    this.#reader.count(entry);
    try {
      this.#writer.append(entry);
    } catch (error) {
      if (!(error instanceof LedgerWriteError)) throw error;
      this.#log.error({ event: 'ledger-write-failed', reason: error.message });
    }
  }

  /** Charges what was sent and what had streamed, of which the API's own count was never seen. */
  #settleAbandoned(entry: LedgerEntry, prices: PriceTable): void {
    const { state, tokens, streamedOutput = 0, model, webSearches } = entry;
    if (state !== 'open' && (state !== 'streaming' || streamedOutput <= tokens.output)) return;
    const usage = {
      tokens: { ...tokens, output: Math.max(tokens.output, streamedOutput) },
      webSearches,
    };
    const { usd, basis } = priceReply(prices, [model], usage);
    this.keep({
      ...entry,
      state: 'lost',
      tokens: usage.tokens,
      usd: moneyText(usd),
      basis,
      cut: true,
    });
  }

  async synced(): Promise<void> {
    await this.#writer.synced();
  }

  async close(): Promise<void> {
    const { usd } = this.totals.team();
    this.#log.info({ event: 'ledger-closed', spent: formatMoney(usd) });
    await this.#writer.close();
  }
}
