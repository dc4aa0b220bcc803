import { randomUUID } from 'node:crypto';
import { mkdir, readdir, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { type Money, moneyText, parseMoney } from '@agentteam/ledger';
import { readUntrustedJson, withLock, writeJson } from '@agentteam/volume';

/** A holder renews its reservations this often, and is taken for dead when it has not for so long. */
const RENEW_MS = 10_000;
const STALE_MS = 60_000;

const NOTHING: Held = { live: 0n, dead: 0n };

/** In a directory of its own: who waits for room looks again at each change in the directory above. */
const LOCK = 'lock/taking';

export type ReserveResult =
  | { readonly id: string }
  /** There is no room; `wait` tells whether others hold some that they may give back. */
  | { readonly wait: boolean };

/** What the ledger has of a request: it is charged there from its last line on. */
export type Standing = 'unknown' | 'under way' | 'settled';

interface Held {
  /** By requests under way. */
  readonly live: Money;
  /** By those whose gateway has gone; nobody will give it back, and the ledger will charge it. */
  readonly dead: Money;
}

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
  readonly #standing: (id: string) => Standing;
  #taking: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, standing: (id: string) => Standing) {
    this.directory = directory;
    this.#standing = standing;
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS);
    this.#renewal.unref();
  }

  /** @param standing of a request by the ledger, as it was read last. */
  static async open(ledger: string, standing: (id: string) => Standing): Promise<Reservations> {
    const directory = join(ledger, 'reservations');
    await mkdir(directory, { recursive: true });
    return new Reservations(directory, standing);
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
      const { live, dead } = await this.#sum();
      // Added up later: what is given back in between must not look as if nobody could give it back.
      // What is settled is charged in the ledger, also while it is still held.
      const own = [...this.#held].reduce(
        (sum, [id, amount]) => (this.#standing(id) === 'settled' ? sum : sum + amount),
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

  /** @param except a reservation to leave out. */
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
    const standing = this.#standing(id);
    const abandoned = this.#isAbandoned(name, held.mtimeMs);
    // What is settled is charged in the ledger; what has no line there was never sent.
    const over = standing === 'settled' || (abandoned && standing === 'unknown');
    if (over) {
      if (abandoned && !this.#held.has(id)) await unlink(path).catch(() => {});
      return NOTHING;
    }
    const value = (await readUntrustedJson(path)) as { readonly usd?: unknown } | undefined;
    const usd = typeof value?.usd === 'string' ? parseMoney(value.usd) : 0n;
    return abandoned ? { live: 0n, dead: usd } : { live: usd, dead: 0n };
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
