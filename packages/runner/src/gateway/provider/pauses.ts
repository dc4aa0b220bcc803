import type { ProviderWait } from '@agentteam/contract';
import { readProviderWait } from '@agentteam/volume';
import type { Logger } from '../log.ts';
import {
  dueAfter,
  EVERY_MODEL,
  isDue,
  keyOf,
  type Pause,
  pauseAfter,
  type Rejection,
  timeLeft,
} from './pause.ts';
import { WaitFile } from './wait-file.ts';

export interface PausesOptions {
  /** `PATHS.control` */
  readonly control: string;
  readonly agent: string;
  readonly log: Logger;
  /** A fingerprint of the credential. When it changes, the provider may answer again. */
  readonly credential: () => Promise<string>;
}

/** Interval at which a waiting request checks the time and the credential. */
const CHECK_MS = 5_000;

/**
 * Holds an agent's requests while the provider refuses them. When a pause ends, one request is sent
 * first, and the others follow when it was answered. The wait is written to a file, which the views of
 * the team show, and with which a restarted gateway continues. Pauses are not shared with the gateways
 * of other agents: an agent that provokes a limit only delays itself.
 */
export class Pauses {
  readonly #options: PausesOptions;
  readonly #file: WaitFile;
  readonly #pauses = new Map<string, Pause>();
  readonly #ended = new AbortController();
  readonly #waiters = new Set<() => void>();
  #waiting = 0;

  private constructor(options: PausesOptions) {
    this.#options = options;
    this.#file = new WaitFile(options);
  }

  /** Continues the wait that an earlier gateway of this agent was in. */
  static async open(options: PausesOptions): Promise<Pauses> {
    const pauses = new Pauses(options);
    const wait = await readProviderWait(options.control, options.agent);
    if (wait === undefined) return pauses;
    // The file does not name a model, so the first answer to any request ends this wait.
    const left = Math.max(0, Date.parse(wait.until) - Date.now());
    pauses.#pauses.set(EVERY_MODEL, {
      ...{ wait, tries: 1, credential: await options.credential(), probed: false },
      ...dueAfter(left),
    });
    pauses.#file.show(wait);
    pauses.#file.removeLater();
    return pauses;
  }

  /** The wait that the agent is in. */
  get current(): ProviderWait | undefined {
    return this.#file.current;
  }

  /**
   * Resolves when a request for this model may be sent.
   * @returns the time of sending, for {@link answered}.
   * @throws the signal's reason, or an error when the gateway ends.
   */
  async waitForTurn(model: string | undefined, signal: AbortSignal): Promise<number> {
    if (this.#pauses.size === 0) {
      signal.throwIfAborted();
      this.#ended.signal.throwIfAborted();
      return performance.now();
    }
    const either = AbortSignal.any([signal, this.#ended.signal]);
    const notify = () => this.#notify();
    either.addEventListener('abort', notify);
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
        await this.#waitForChange(blocking);
      }
    } finally {
      either.removeEventListener('abort', notify);
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#file.removeLater();
    }
  }

  /** Pauses requests after one was refused. */
  async pause(model: string | undefined, rejection: Rejection): Promise<ProviderWait> {
    const credential = await this.#options.credential();
    const key = keyOf(rejection.reason, model);
    const before = this.#pauses.get(key) ?? this.#pauses.get(EVERY_MODEL);
    const pause = pauseAfter(rejection, before, credential);
    this.#pauses.set(key, pause);
    this.release(model);
    this.#show();
    if (this.#waiting === 0) this.#file.removeLater();
    return pause.wait;
  }

  /**
   * Ends the pauses that began before a request was sent that is now answered.
   * @param sentAt the value that {@link waitForTurn} returned.
   */
  answered(model: string | undefined, sentAt: number): void {
    for (const key of keysOf(model)) {
      const pause = this.#pauses.get(key);
      if (pause !== undefined && pause.madeAt <= sentAt) this.#pauses.delete(key);
    }
    this.#show();
    this.#notify();
  }

  /** Lets another request test the provider: the last one ended without an answer either way. */
  release(model: string | undefined): void {
    for (const pause of this.#of(model)) pause.probed = false;
    this.#notify();
  }

  /** Ends all waiting requests with an error. The file with the wait stays. */
  async end(): Promise<void> {
    this.#ended.abort(new Error('the gateway ends'));
    await this.#file.end();
  }

  #of(model: string | undefined): readonly Pause[] {
    return keysOf(model).flatMap((key) => this.#pauses.get(key) ?? []);
  }

  /** Waits until a pause ends, the pauses change, or {@link CHECK_MS} have passed. */
  async #waitForChange(pauses: readonly Pause[]): Promise<void> {
    const left = pauses.map((pause) => (pause.probed ? CHECK_MS : timeLeft(pause)));
    const ms = Math.min(CHECK_MS, Math.max(1, ...left));
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiters.add(done);
    });
  }

  #notify(): void {
    for (const done of [...this.#waiters]) done();
  }

  /** The pause that ends last is shown as the agent's wait. */
  #show(): void {
    const waits = [...this.#pauses.values()].map(({ wait }) => wait);
    this.#file.show(waits.toSorted((a, b) => Date.parse(b.until) - Date.parse(a.until))[0]);
  }
}

function keysOf(model: string | undefined): readonly string[] {
  return [...new Set([EVERY_MODEL, model ?? EVERY_MODEL])];
}
