import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { OWN_FILE, type RunDirectory } from '../run-directory.ts';

/** A span in which the run did not go on, in milliseconds since the epoch. */
interface Interruption {
  readonly from: number;
  readonly to: number;
}

/** The engine looks several times a second. One that did not for so long was stopped, or its machine slept. */
const LONGEST_LOOK_MS = 5_000;
/** A smaller difference between the two clocks is a correction of the time. */
const TOLERANCE_MS = 2_000;
/** How often it is written that the run goes on: an engine that is killed loses no more than this. */
const SAVE_MS = 2_000;

/**
 * The time for which a run has gone on. Limits of time count by it: while no engine ran, the process was
 * stopped, or the machine slept, nobody could work.
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

  /** Takes up the clock of a run: since an earlier engine was seen last, the run was interrupted. */
  static open({ clock }: RunDirectory): RunClock {
    const { interruptions = [], seenAt } = readClock(clock);
    const now = Date.now();
    const since = seenAt !== undefined && seenAt < now ? [{ from: seenAt, to: now }] : [];
    return new RunClock(clock, [...interruptions, ...since]);
  }

  /** Notes that the run goes on. To be called often. */
  look(): void {
    const now = Date.now();
    const monotonic = performance.now();
    const went = Math.min(monotonic - this.#monotonic, LONGEST_LOOK_MS);
    const stood = now - this.#wall - went;
    if (stood > TOLERANCE_MS) {
      this.#interruptions = [...this.#interruptions, { from: now - stood, to: now }];
      this.#savedAt = 0;
    }
    this.#wall = now;
    this.#monotonic = monotonic;
    if (now - this.#savedAt >= SAVE_MS) this.save();
  }

  /** How long the run has gone on since then, in milliseconds. */
  elapsedSince(begun: number): number {
    const stood = this.#interruptions.map(({ from, to }) =>
      Math.max(0, to - Math.max(from, begun)),
    );
    return Date.now() - begun - stood.reduce((sum, span) => sum + span, 0);
  }

  save(): void {
    this.#savedAt = Date.now();
    const content = { seenAt: this.#savedAt, interruptions: this.#interruptions };
    const temporary = `${this.#path}.tmp`;
    writeFileSync(temporary, JSON.stringify(content), { mode: OWN_FILE });
    renameSync(temporary, this.#path);
  }
}

/** A run that no engine has begun has none, and what is torn says nothing. */
function readClock(path: string): {
  readonly seenAt?: number;
  readonly interruptions?: readonly Interruption[];
} {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}
