/** A line of a pod's log, as the API server returns it with timestamps. */
export interface StampedLine {
  /** RFC 3339 with up to nine digits of a second; absent for a message of the kubelet itself. */
  readonly at?: string;
  readonly text: string;
}

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (.*)$/s;

/** Separates a line's timestamp from its text. */
export function readStamped(line: string): StampedLine {
  const [, at, text] = STAMP.exec(line) ?? [];
  return at === undefined || text === undefined ? { text: line } : { at, text };
}

/**
 * How far a log was read. A connection can break, and a container can be restarted in its pod: the log is then
 * opened again from the time of the last line, and the lines that were read before are left out.
 */
export class LogPosition {
  #at: string | undefined;
  /** The number of lines at that time. */
  #count = 0;
  /** Lines at that time which come again; undefined once the log is past them. */
  #toSkip: number | undefined;

  /** The time from which to open the log; undefined to read all of it. */
  get since(): string | undefined {
    return this.#at;
  }

  /** Call each time before the log is opened. */
  reopen(): void {
    this.#toSkip = this.#at === undefined ? undefined : this.#count;
  }

  /** @returns whether the line was not read before. Call once for each line, in their order. */
  isNew({ at }: StampedLine): boolean {
    // A message of the kubelet is about this connection.
    if (at === undefined) return true;
    if (this.#at !== undefined && this.#toSkip !== undefined) {
      const order = compareTimes(at, this.#at);
      if (order < 0) return false;
      if (order === 0 && this.#toSkip > 0) {
        this.#toSkip -= 1;
        return false;
      }
      this.#toSkip = undefined;
    }
    this.#count = at === this.#at ? this.#count + 1 : 1;
    this.#at = at;
    return true;
  }
}

/** Compares two times to the nanosecond. */
function compareTimes(a: string, b: string): number {
  const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);
  const nanoseconds = (time: string): number =>
    Number((/\.(\d+)/.exec(time)?.[1] ?? '').padEnd(9, '0'));
  return seconds(a) - seconds(b) || nanoseconds(a) - nanoseconds(b);
}
