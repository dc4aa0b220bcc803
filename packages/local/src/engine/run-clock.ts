import { renameSync, writeFileSync } from 'node:fs';
import { OWN_FILE, type RunDirectory, readPlainFile } from '../run-directory.ts';

/** Milliseconds for which a run has been running since a time, without its interruptions. */
export type ElapsedSince = (start: number) => number;

/** A time span in which the run was interrupted, in milliseconds since the epoch. */
interface Interruption {
  readonly from: number;
  readonly to: number;
}

/** The engine ticks several times a second. After a longer gap its process was stopped or the machine slept. */
const LONGEST_TICK_MS = 5_000;
/** A smaller difference between the wall clock and the monotonic clock is a correction of the time. */
const TOLERANCE_MS = 2_000;
/** A killed engine loses at most this much of the recorded time. */
const SAVE_INTERVAL_MS = 2_000;

/**
 * Measures how long a run has been running. Time limits use it, so the time in which no engine ran, the
 * process was stopped, the machine slept or the run was suspended does not count.
 */
export class RunClock {
  readonly #path: string;
  #interruptions: readonly Interruption[];
  #wall: number = Date.now();
  #monotonic: number = performance.now();
  #savedAt = 0;

  private constructor(path: string, interruptions: readonly Interruption[]) {
    this.#path = path;
    this.#interruptions = interruptions;
  }

  /** Continues the clock of a run. The time since an earlier engine last saved it is an interruption. */
  static open({ clock }: RunDirectory): RunClock {
    const { interruptions = [], seenAt } = readClock(clock);
    const now = Date.now();
    const since = seenAt !== undefined && seenAt < now ? [{ from: seenAt, to: now }] : [];
    return new RunClock(clock, [...interruptions, ...since]);
  }

  /**
   * Records that the run is running. The engine calls it several times a second.
   * @param isSuspended whether the time since the last call does not count.
   */
  tick(isSuspended = false): void {
    const now = Date.now();
    const monotonic = performance.now();
    const ran = isSuspended ? 0 : Math.min(monotonic - this.#monotonic, LONGEST_TICK_MS);
    const interrupted = now - this.#wall - ran;
    if (isSuspended) {
      this.#interrupt({ from: this.#wall, to: now });
    } else if (interrupted > TOLERANCE_MS) {
      this.#interrupt({ from: now - interrupted, to: now });
      this.#savedAt = 0;
    }
    this.#wall = now;
    this.#monotonic = monotonic;
    if (now - this.#savedAt >= SAVE_INTERVAL_MS) this.save();
  }

  /** Adds an interruption. One that continues the latest becomes a part of it. */
  #interrupt({ from, to }: Interruption): void {
    const last = this.#interruptions.at(-1);
    const continues = last?.to === from;
    const before = continues ? this.#interruptions.slice(0, -1) : this.#interruptions;
    this.#interruptions = [...before, { from: continues ? last.from : from, to }];
  }

  /** See {@link ElapsedSince}. */
  elapsedSince(start: number): number {
    const interrupted = this.#interruptions.map(({ from, to }) =>
      Math.max(0, to - Math.max(from, start)),
    );
    return Date.now() - start - interrupted.reduce((sum, span) => sum + span, 0);
  }

  save(): void {
    this.#savedAt = Date.now();
    const content = { seenAt: this.#savedAt, interruptions: this.#interruptions };
    const temporary = `${this.#path}.tmp`;
    writeFileSync(temporary, JSON.stringify(content), { mode: OWN_FILE });
    renameSync(temporary, this.#path);
  }
}

/** A new run has no clock file, and a torn one is ignored. */
function readClock(path: string): {
  readonly seenAt?: number;
  readonly interruptions?: readonly Interruption[];
} {
  try {
    return JSON.parse(readPlainFile(path));
  } catch {
    return {};
  }
}
