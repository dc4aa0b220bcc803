import type { ProviderReason, ProviderWait } from '@agentteam/contract';
import { readProviderWait } from '@agentteam/volume';
import type { Logger } from '../log.ts';
import { pauseMs, spreadMs } from './pause-length.ts';
import { ShownWait } from './shown-wait.ts';

/** Why requests are held, as the provider's answer said it. */
export interface TurnedAway {
  readonly reason: ProviderReason;
  readonly detail?: string;
  /** For how long, where the provider named a time. */
  readonly forMs?: number;
}

export interface PausesOptions {
  /** `PATHS.control` */
  readonly control: string;
  readonly agent: string;
  readonly log: Logger;
  /** Changes when the credential is replaced: the provider may answer then, whatever it said before. */
  readonly credential: () => Promise<string>;
}

interface Pause {
  readonly wait: ProviderWait;
  /** How often the provider was asked since the pause began. */
  readonly tries: number;
  readonly madeAt: number;
  /** By the wall clock, which jumps, and goes on while a laptop sleeps. */
  readonly dueAt: number;
  /** By the process's own clock, which does neither. Whichever comes first counts. */
  readonly dueIn: number;
  readonly credential: string;
  /** A request is out to see whether the provider answers again. */
  probed: boolean;
}

/** A pause that is about the account or the connection holds requests for every model. */
const EVERY_MODEL = '';
const OF_ONE_MODEL: ReadonlySet<ProviderReason> = new Set([
  'usage-limit',
  'rate-limit',
  'overloaded',
]);

/** A time that is nearer is none to wait for. */
const SOON_MS = 500;

/** How often a waiting request looks whether its time has come, or the credential is another. */
const LOOK_MS = 5_000;

/**
 * Holds an agent's requests while the provider turns them away. Of those that wait for the same, one is
 * sent first when the time has come; the others follow when it was answered. The wait is written where
 * whoever shows the team finds it, and where a gateway that starts in this one's place goes on with it.
 * Nothing is shared with other agents' gateways: an agent that provokes a limit holds up itself alone.
 */
export class Pauses {
  readonly #options: PausesOptions;
  readonly #shown: ShownWait;
  readonly #pauses = new Map<string, Pause>();
  readonly #ended = new AbortController();
  readonly #resting = new Set<() => void>();
  #waiting = 0;

  private constructor(options: PausesOptions) {
    this.#options = options;
    this.#shown = new ShownWait(options);
  }

  /** Goes on with the wait that an earlier gateway of this agent has left. */
  static async open(options: PausesOptions): Promise<Pauses> {
    const pauses = new Pauses(options);
    const wait = await readProviderWait(options.control, options.agent);
    if (wait === undefined) return pauses;
    // Which model it was about is not written down: the first answer to any request ends it.
    const left = Math.max(0, Date.parse(wait.until) - Date.now());
    pauses.#pauses.set(EVERY_MODEL, {
      ...{ wait, tries: 1, credential: await options.credential(), probed: false },
      ...dueAfter(left),
    });
    pauses.#shown.show(wait);
    pauses.#shown.hideLater();
    return pauses;
  }

  /** What the agent waits for. */
  get current(): ProviderWait | undefined {
    return this.#shown.current;
  }

  /**
   * Resolves when a request for this model may be sent.
   * @returns when that was, for {@link answered}.
   * @throws the signal's reason, or that the gateway ends.
   */
  async turn(model: string | undefined, signal: AbortSignal): Promise<number> {
    const either = AbortSignal.any([signal, this.#ended.signal]);
    const ring = () => this.#ring();
    either.addEventListener('abort', ring);
    this.#waiting += 1;
    try {
      for (;;) {
        either.throwIfAborted();
        const credential = this.#pauses.size === 0 ? '' : await this.#options.credential();
        const pauses = this.#of(model);
        const blocking = pauses.filter((pause) => pause.probed || !isDue(pause, credential));
        if (blocking.length === 0) {
          for (const pause of pauses) pause.probed = true;
          return performance.now();
        }
        this.#show();
        await this.#rest(blocking);
      }
    } finally {
      either.removeEventListener('abort', ring);
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#shown.hideLater();
    }
  }

  /** A request was turned away: it waits, and so do those that come. */
  async turnedAway(model: string | undefined, away: TurnedAway): Promise<ProviderWait> {
    const credential = await this.#options.credential();
    const key = OF_ONE_MODEL.has(away.reason) ? (model ?? EVERY_MODEL) : EVERY_MODEL;
    const before = this.#pauses.get(key) ?? this.#pauses.get(EVERY_MODEL);
    const pause = pauseAfter(away, before, credential);
    this.#pauses.set(key, pause);
    this.release(model);
    this.#show();
    if (this.#waiting === 0) this.#shown.hideLater();
    return pause.wait;
  }

  /**
   * A request was answered.
   * @param sentAt as {@link turn} returned it: what came later is not ended by it.
   */
  answered(model: string | undefined, sentAt: number): void {
    for (const key of keysOf(model)) {
      const pause = this.#pauses.get(key);
      if (pause !== undefined && pause.madeAt <= sentAt) this.#pauses.delete(key);
    }
    this.#show();
    this.#ring();
  }

  /** A request that had its turn came to nothing that tells whether the provider answers: the next one sees. */
  release(model: string | undefined): void {
    for (const pause of this.#of(model)) pause.probed = false;
    this.#ring();
  }

  /** Lets no request wait any longer. What they waited for stays written. */
  async end(): Promise<void> {
    this.#ended.abort(new Error('the gateway ends'));
    await this.#shown.end();
  }

  #of(model: string | undefined): readonly Pause[] {
    return keysOf(model).flatMap((key) => this.#pauses.get(key) ?? []);
  }

  /** Until a pause's time has come, something changes, or it is time to look again. */
  async #rest(pauses: readonly Pause[]): Promise<void> {
    const left = pauses.map((pause) => (pause.probed ? LOOK_MS : timeLeft(pause)));
    const ms = Math.min(LOOK_MS, Math.max(1, ...left));
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#resting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#resting.add(done);
    });
  }

  #ring(): void {
    for (const done of [...this.#resting]) done();
  }

  /** The pause that ends last is what the agent waits for. */
  #show(): void {
    const waits = [...this.#pauses.values()].map(({ wait }) => wait);
    this.#shown.show(waits.toSorted((a, b) => Date.parse(b.until) - Date.parse(a.until))[0]);
  }
}

function keysOf(model: string | undefined): readonly string[] {
  return [...new Set([EVERY_MODEL, model ?? EVERY_MODEL])];
}

/** @param before the pause that it goes on with. */
function pauseAfter(
  { reason, detail, forMs }: TurnedAway,
  before: Pause | undefined,
  credential: string,
): Pause {
  // Requests that were under way together are turned away together: that is one try.
  const isSameTry = before !== undefined && !before.probed && timeLeft(before) > 0;
  const tries = Math.max(1, (before?.tries ?? 0) + (isSameTry ? 0 : 1));
  const told = forMs !== undefined && forMs >= SOON_MS;
  // A provider that names this moment again and again is asked less and less often.
  const ms = told ? forMs : pauseMs(forMs === undefined ? reason : 'rate-limit', tries);
  const now = Date.now();
  const wait: ProviderWait = {
    reason,
    ...(detail === undefined ? {} : { detail }),
    since:
      before !== undefined && isSameWait(before.wait, reason)
        ? before.wait.since
        : new Date(now).toISOString(),
    until: new Date(now + ms).toISOString(),
    told,
  };
  const pause = dueAfter(told ? ms + spreadMs(ms) : ms);
  return { ...{ wait, tries, credential, probed: false }, ...pause };
}

/** Faults of the provider and of the way to it come and go as one. */
const FAULTS: ReadonlySet<ProviderReason> = new Set([
  'overloaded',
  'server-error',
  'no-connection',
]);

function isSameWait(before: ProviderWait, reason: ProviderReason): boolean {
  return before.reason === reason || (FAULTS.has(before.reason) && FAULTS.has(reason));
}

function dueAfter(ms: number): Pick<Pause, 'madeAt' | 'dueAt' | 'dueIn'> {
  const madeAt = performance.now();
  return { madeAt, dueAt: Date.now() + ms, dueIn: madeAt + ms };
}

function isDue(pause: Pause, credential: string): boolean {
  return timeLeft(pause) <= 0 || credential !== pause.credential;
}

function timeLeft({ dueAt, dueIn }: Pause): number {
  return Math.min(dueIn - performance.now(), dueAt - Date.now());
}
