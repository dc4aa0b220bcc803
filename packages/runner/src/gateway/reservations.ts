import { randomUUID } from 'node:crypto';
import { mkdir, readdir, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { type Money, moneyText, parseMoney } from '@agentteam/ledger';
import { readUntrustedJson, withLock, writeJson } from '@agentteam/volume';

/** A holder renews its reservations this often, and is taken for dead after the second time. */
const RENEW_MS = 10_000;
const STALE_MS = 60_000;

export type ReserveResult =
  | { readonly id: string }
  /** There is no room; `wait` tells whether others hold some that they may give back. */
  | { readonly wait: boolean };

/**
 * Money that requests under way may still cost, shared by the gateways of a team: one file each, in a
 * directory beside the ledgers. Taking is under a lock, so that no two see the same room.
 */
export class Reservations {
  readonly directory: string;
  readonly #held: Map<string, Money> = new Map();
  readonly #renewal: NodeJS.Timeout;
  #taking: Promise<unknown> = Promise.resolve();

  private constructor(directory: string) {
    this.directory = directory;
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS);
    this.#renewal.unref();
  }

  static async open(ledger: string): Promise<Reservations> {
    const directory = join(ledger, 'reservations');
    await mkdir(directory, { recursive: true });
    return new Reservations(directory);
  }

  /** @param fits whether the amount has room beside what the team and this agent hold; called under the lock. */
  async take(
    usd: Money,
    fits: (team: Money, own: Money) => Promise<boolean>,
  ): Promise<ReserveResult> {
    // One request of this gateway at a time: more would only keep the lock from other agents'.
    const taking = this.#taking.then(() => this.#take(usd, fits));
    this.#taking = taking.catch(() => {});
    return taking;
  }

  async #take(
    usd: Money,
    fits: (team: Money, own: Money) => Promise<boolean>,
  ): Promise<ReserveResult> {
    return withLock(join(this.directory, '.lock'), async (lock) => {
      const reserved = await this.#sum();
      const own = [...this.#held.values()].reduce((sum, amount) => sum + amount, 0n);
      if (!(await fits(reserved, own))) return { wait: reserved > 0n };
      const id = randomUUID();
      lock.assertHeld();
      await writeJson(this.#file(id), { usd: moneyText(usd) });
      this.#held.set(id, usd);
      return { id };
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

  async #sum(): Promise<Money> {
    const names = (await readdir(this.directory)).filter((name) => name.endsWith('.json'));
    const amounts = await Promise.all(names.map((name) => this.#amount(name)));
    return amounts.reduce((sum, amount) => sum + amount, 0n);
  }

  async #amount(name: string): Promise<Money> {
    const path = join(this.directory, name);
    const held = await stat(path).catch(() => undefined);
    if (held === undefined) return 0n;
    if (held.mtimeMs < Date.now() - STALE_MS) {
      await unlink(path).catch(() => {});
      return 0n;
    }
    const value = (await readUntrustedJson(path)) as { readonly usd?: unknown } | undefined;
    return typeof value?.usd === 'string' ? parseMoney(value.usd) : 0n;
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
