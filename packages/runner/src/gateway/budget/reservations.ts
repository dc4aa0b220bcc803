import { randomUUID } from 'node:crypto';
import { mkdir, readdir, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { type Money, moneyText, parseMoney } from '@agentteam/contract';
import { readUntrustedJson, withLock, writeJson } from '@agentteam/volume';

/** Interval at which a gateway renews its reservations, and time after which it counts as gone. */
const RENEW_MS = 10_000;
const STALE_MS = 60_000;

const NOTHING: Held = { live: 0n, dead: 0n };

/**
 * The lock has its own directory, because gateways that wait for money watch the directory of the
 * reservations, and must not react to the lock.
 */
const LOCK = 'lock/taking';

export type ReserveResult =
  | { readonly id: string }
  /** There is not enough money. `wait` tells whether other requests may still release some. */
  | { readonly wait: boolean };

/** The state of a request in the ledger, which charges it once it is settled. */
export type LedgerState = 'unknown' | 'open' | 'settled';

interface Held {
  /** Reserved by open requests. */
  readonly live: Money;
  /** Reserved by requests whose gateway is gone. Nobody will release it, and the ledger will charge it. */
  readonly dead: Money;
}

/**
 * The money that open requests may still cost, as reserved by all gateways of a team. Each reservation
 * is a file beside the ledgers. A gateway writes its reservation first, and then adds up all of them:
 * of two that reserve the same money, at least one sees the other. That alone enforces the limit. The
 * lock only keeps both from giving up; a jumping clock could break it.
 */
export class Reservations {
  readonly directory: string;
  readonly #held: Map<string, Money> = new Map();
  /** When each reservation was last seen renewed, by this process's own clock. */
  readonly #renewed: Map<string, { readonly mtimeMs: number; readonly at: number }> = new Map();
  readonly #renewal: NodeJS.Timeout;
  readonly #stateOf: (id: string) => LedgerState;
  #taking: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, stateOf: (id: string) => LedgerState) {
    this.directory = directory;
    this.#stateOf = stateOf;
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS);
    this.#renewal.unref();
  }

  /** @param stateOf returns the state of a request in the ledger, as it was read last. */
  static async open(ledger: string, stateOf: (id: string) => LedgerState): Promise<Reservations> {
    const directory = join(ledger, 'reservations');
    await mkdir(directory, { recursive: true });
    return new Reservations(directory, stateOf);
  }

  /**
   * Reserves an amount.
   * @param fits whether the amount fits beside what the team and this agent have reserved. It is called
   *   with the lock held.
   */
  async take(
    usd: Money,
    fits: (team: Money, own: Money) => Promise<boolean>,
  ): Promise<ReserveResult> {
    // Take one reservation at a time: more would only keep the lock from other agents.
    const taking = this.#taking.then(() => this.#take(usd, fits));
    this.#taking = taking.catch(() => {});
    return taking;
  }

  async #take(
    usd: Money,
    fits: (team: Money, own: Money) => Promise<boolean>,
  ): Promise<ReserveResult> {
    return withLock(join(this.directory, LOCK), async () => {
      const { live, dead } = await this.#sum();
      // Add up the own reservations after the sum of all: one that is released in between must not look
      // as if nobody could release it. Settled ones are in the ledger, even while they are still held.
      const own = [...this.#held].reduce(
        (sum, [id, amount]) => (this.#stateOf(id) === 'settled' ? sum : sum + amount),
        0n,
      );
      if (!(await fits(live + dead, own))) return { wait: live > 0n };
      const id = randomUUID();
      let taken = false;
      try {
        await writeJson(this.#file(id), { usd: moneyText(usd) });
        this.#held.set(id, usd);
        const beside = await this.#sum(id);
        taken = await fits(beside.live + beside.dead, own);
      } finally {
        if (!taken) await this.release(id);
      }
      return taken ? { id } : { wait: true };
    });
  }

  async release(id: string): Promise<void> {
    this.#held.delete(id);
    await unlink(this.#file(id)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    await Promise.all([...this.#held.keys()].map((id) => this.release(id)));
  }

  /** @param except id of a reservation that does not count. */
  async #sum(except?: string): Promise<Held> {
    const names = (await readdir(this.directory)).filter((name) => name.endsWith('.json'));
    for (const name of this.#renewed.keys()) if (!names.includes(name)) this.#renewed.delete(name);
    const others = names.filter((name) => name !== `${except}.json`);
    const held = await Promise.all(others.map((name) => this.#read(name)));
    return {
      live: held.reduce((sum, { live }) => sum + live, 0n),
      dead: held.reduce((sum, { dead }) => sum + dead, 0n),
    };
  }

  async #read(name: string): Promise<Held> {
    const path = join(this.directory, name);
    const held = await stat(path).catch(() => undefined);
    if (held === undefined) return NOTHING;
    const id = name.slice(0, -'.json'.length);
    const state = this.#stateOf(id);
    const abandoned = this.#isAbandoned(name, held.mtimeMs);
    // A settled request is charged in the ledger. One without a line in the ledger was never sent.
    const hasEnded = state === 'settled' || (abandoned && state === 'unknown');
    if (hasEnded) {
      if (abandoned && !this.#held.has(id)) await unlink(path).catch(() => {});
      return NOTHING;
    }
    const value = (await readUntrustedJson(path)) as { readonly usd?: unknown } | undefined;
    const usd = typeof value?.usd === 'string' ? parseMoney(value.usd) : 0n;
    return abandoned ? { live: 0n, dead: usd } : { live: usd, dead: 0n };
  }

  /** Compares times for equality only, and never with the clock: clocks jump, and nodes' clocks differ. */
  #isAbandoned(name: string, mtimeMs: number): boolean {
    const known = this.#renewed.get(name);
    if (known?.mtimeMs === mtimeMs) return performance.now() - known.at > STALE_MS;
    this.#renewed.set(name, { mtimeMs, at: performance.now() });
    return false;
  }

  async #renew(): Promise<void> {
    const now = new Date();
    const held = [...this.#held.keys()].map((id) =>
      utimes(this.#file(id), now, now).catch(() => {}),
    );
    await Promise.all(held);
  }

  #file(id: string): string {
    return join(this.directory, `${id}.json`);
  }
}
