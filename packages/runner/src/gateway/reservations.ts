import { randomUUID } from 'node:crypto';
import { mkdir, readdir, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { type Money, moneyText, parseMoney } from '@agentteam/ledger';
import { readUntrustedJson, withLock, writeJson } from '@agentteam/volume';

/** A holder renews its reservations this often, and is taken for dead when it has not for so long. */
const RENEW_MS = 10_000;
const STALE_MS = 60_000;

/** In a directory of its own: who waits for room looks again at each change in the directory above. */
const LOCK = 'lock/taking';

export type ReserveResult =
  | { readonly id: string }
  /** There is no room; `wait` tells whether others hold some that they may give back. */
  | { readonly wait: boolean };

/**
 * Money that requests under way may still cost, shared by the gateways of a team: one file each, in a
 * directory beside the ledgers. A reservation is written first and then looked at beside all others:
 * of two that take the same room, one at least sees the other. That alone is what keeps the limit; the
 * lock only keeps two from giving way to each other, and a clock that jumps can break it.
 */
export class Reservations {
  readonly directory: string;
  readonly #held: Map<string, Money> = new Map();
  /** When each of the team's reservations was last seen renewed, by this process's own watch. */
  readonly #renewed: Map<string, { readonly mtimeMs: number; readonly at: number }> = new Map();
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
    return withLock(join(this.directory, LOCK), async () => {
      const others = await this.#sum();
      // Added up later: what is given back in between must not look as if nobody could give it back.
      const own = [...this.#held.values()].reduce((sum, amount) => sum + amount, 0n);
      if (!(await fits(others, own))) return { wait: others > 0n };
      const id = randomUUID();
      let taken = false;
      try {
        await writeJson(this.#file(id), { usd: moneyText(usd) });
        this.#held.set(id, usd);
        taken = await fits(await this.#sum(id), own);
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

  /** @param except a reservation to leave out. */
  async #sum(except?: string): Promise<Money> {
    const names = (await readdir(this.directory)).filter((name) => name.endsWith('.json'));
    for (const name of this.#renewed.keys()) if (!names.includes(name)) this.#renewed.delete(name);
    const others = names.filter((name) => name !== `${except}.json`);
    const amounts = await Promise.all(others.map((name) => this.#amount(name)));
    return amounts.reduce((sum, amount) => sum + amount, 0n);
  }

  async #amount(name: string): Promise<Money> {
    const path = join(this.directory, name);
    const held = await stat(path).catch(() => undefined);
    if (held === undefined) return 0n;
    if (this.#isAbandoned(name, held.mtimeMs)) {
      await unlink(path).catch(() => {});
      return 0n;
    }
    const value = (await readUntrustedJson(path)) as { readonly usd?: unknown } | undefined;
    return typeof value?.usd === 'string' ? parseMoney(value.usd) : 0n;
  }

  /** Nothing is said of how old a time is: clocks jump, and those of two nodes differ. */
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
