import {
  asLost,
  formatMoney,
  isSettled,
  type LedgerEntry,
  LedgerReader,
  type LedgerTotals,
  LedgerWriteError,
  LedgerWriter,
} from '@agentteam/ledger';
import type { Logger } from './log.ts';
import type { Standing } from './reservations.ts';

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

  /**
   * Opens the ledgers. What an earlier gateway of this agent left open when it was killed is charged at
   * its dearest outcome.
   */
  static async open(directory: string, agent: string, log: Logger): Promise<Books> {
    const reader = new LedgerReader(directory);
    await reader.refresh();
    const books = new Books(agent, new LedgerWriter(directory, agent), reader, log);
    for (const entry of reader.entries()) {
      if (entry.agent === agent && !isSettled(entry)) books.keep(asLost(entry));
    }
    return books;
  }

  /** What the team has spent as far as this process knows without looking again. */
  get totals(): LedgerTotals {
    return this.#reader.totals;
  }

  /** Whether the API has answered any agent of the team since a time: with the team's credential it can. */
  answeredSince(time: number): boolean {
    return this.#reader
      .entries()
      .some(({ status, at }) => status === 200 && Date.parse(at) >= time);
  }

  standing(id: string): Standing {
    const entry = this.#reader.entry(id);
    if (entry === undefined) return 'unknown';
    return isSettled(entry) ? 'settled' : 'under way';
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

  async synced(): Promise<void> {
    await this.#writer.synced();
  }

  async close(): Promise<void> {
    const { usd } = this.totals.team();
    this.#log.info({ event: 'ledger-closed', spent: formatMoney(usd) });
    await this.#writer.close();
  }
}
