import type { ProviderReason, ProviderWait } from '@agentteam/contract';
import { readProviderWait } from '@agentteam/volume';
import type { Logger } from '../log.ts';
import { dueAfter, isDue, type Pause, pauseAfter, type TurnedAway, timeLeft } from './pause.ts';
import { ShownWait } from './shown-wait.ts';

export interface PausesOptions {
  /** `PATHS.control` */
  readonly control: string;
  readonly agent: string;
  readonly log: Logger;
  /** Changes when the credential is replaced: the provider may answer then, whatever it said before. */
  readonly credential: () => Promise<string>;
}

/** A pause that is about the account or the connection holds requests for every model. */
const EVERY_MODEL = '';
const OF_ONE_MODEL: ReadonlySet<ProviderReason> = new Set([
  'usage-limit',
  'rate-limit',
  'overloaded',
]);

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
