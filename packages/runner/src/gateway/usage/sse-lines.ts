/** Longer lines are skipped, so that memory stays bounded. */
const MAX_LINE_BYTES = 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/** Splits an event stream into lines, which end in LF, CR or both. */
export class SseLines {
  readonly #onLine: (line: Buffer) => void;
  readonly #onSkipped: (head: Buffer) => void;
  #head: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #length = 0;
  #skipping = false;
  #afterCr = false;

  /**
   * @param onLine gets each line, without its line end.
   * @param onSkipped gets the first 100 bytes of each line over 1 MiB.
   */
  constructor(onLine: (line: Buffer) => void, onSkipped: (head: Buffer) => void) {
    this.#onLine = onLine;
    this.#onSkipped = onSkipped;
  }

  push(chunk: Buffer): void {
    let start = this.#afterCr && chunk[0] === LF ? 1 : 0;
    if (chunk.length > 0) this.#afterCr = false;
    let feed = chunk.indexOf(LF, start);
    let carriage = chunk.indexOf(CR, start);
    while (feed >= 0 || carriage >= 0) {
      const atFeed = carriage < 0 || (feed >= 0 && feed < carriage);
      const end = atFeed ? feed : carriage;
      this.#keep(chunk.subarray(start, end));
      this.#finish();
      start = end + 1;
      if (!atFeed && chunk[start] === LF) start += 1;
      else if (!atFeed && start === chunk.length) this.#afterCr = true;
      if (feed >= 0 && feed < start) feed = chunk.indexOf(LF, start);
      if (carriage >= 0 && carriage < start) carriage = chunk.indexOf(CR, start);
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > MAX_LINE_BYTES && !this.#skipping) {
      this.#skipping = true;
      this.#head = Buffer.from(Buffer.concat([...this.#parts, part]).subarray(0, 100));
      this.#parts = [];
    }
    if (!this.#skipping && part.length > 0) this.#parts.push(part);
  }

  #finish(): void {
    const [first = Buffer.alloc(0)] = this.#parts;
    if (this.#skipping) this.#onSkipped(this.#head);
    else this.#onLine(this.#parts.length > 1 ? Buffer.concat(this.#parts) : first);
    this.#parts = [];
    this.#length = 0;
    this.#skipping = false;
  }
}
