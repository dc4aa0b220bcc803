import { formatMoney } from '@agentteam/contract';
import {
  asLost,
  isSettled,
  type LedgerEntry,
  LedgerReader,
  type LedgerTotals,
  LedgerWriteError,
  LedgerWriter,
} from '@agentteam/ledger';
import type { Logger } from '../log.ts';
import type { LedgerState } from './reservations.ts';

/** The team's ledgers. This agent's own is written to, and the others are read. */
export class TeamLedger {
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
   * Opens the ledgers. Replies that an earlier gateway of this agent left open, because it was killed,
   * are charged the most that they can have cost.
   */
  static async open(directory: string, agent: string, log: Logger): Promise<TeamLedger> {
    const reader = new LedgerReader(directory);
    await reader.refresh();
    const writer = new LedgerWriter(directory, agent);
    const ledger = new TeamLedger(agent, writer, reader, log);
    for (const entry of writer.unwritten) reader.count(entry);
    for (const entry of reader.entries()) {
      if (entry.agent === agent && !isSettled(entry)) ledger.record(asLost(entry));
    }
    return ledger;
  }

  /** What the team has spent, as far as this process has read it. */
  get totals(): LedgerTotals {
    return this.#reader.totals;
  }

  /** Whether the API has answered any agent of the team since a time, and so accepted the credential. */
  answeredSince(time: number): boolean {
    return this.#reader
      .entries()
      .some(({ status, at }) => status === 200 && Date.parse(at) >= time);
  }

  stateOf(id: string): LedgerState {
    const entry = this.#reader.entry(id);
    if (entry === undefined) return 'unknown';
    return isSettled(entry) ? 'settled' : 'open';
  }

  /** Reads what the other agents have spent. This process's own costs are counted when it writes them. */
  async refresh(): Promise<LedgerTotals> {
    return this.#reader.refresh(this.#agent);
  }

  /** Also reads this agent's ledger, which the gateway of a terminating pod may still write to. */
  async refreshAll(): Promise<LedgerTotals> {
    return this.#reader.refresh();
  }

  /** @throws LedgerWriteError while the disk cannot be written. No request may be sent then. */
  assertWritable(): void {
    this.#writer.flush();
  }

  /**
   * Writes the line of a request that is about to be sent.
   * @throws LedgerWriteError when it cannot be written. The request must not be sent then.
   */
  announce(entry: LedgerEntry): void {
    this.#writer.appendOrDrop(entry);
    this.#reader.count(entry);
  }

  /** Records a cost. If the disk cannot be written, it still counts, and is written later. */
  record(entry: LedgerEntry): void {
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
