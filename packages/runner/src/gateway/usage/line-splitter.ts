/** Longer lines are passed over: memory stays bounded whatever the upstream sends. */
const LONGEST = 1024 * 1024;

/** Cuts a stream of bytes into lines. */
export class LineSplitter {
  readonly #onLine: (line: Buffer) => void;
  #parts: Buffer[] = [];
  #length = 0;
  #skipping = false;

  /** @param onLine gets each line without its end; not those longer than 1 MiB. */
  constructor(onLine: (line: Buffer) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, start);
      if (end < 0) break;
      this.#keep(chunk.subarray(start, end));
      this.#finish();
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > LONGEST) {
      this.#skipping = true;
      this.#parts = [];
    }
    if (!this.#skipping && part.length > 0) this.#parts.push(part);
  }

  #finish(): void {
    const [first = Buffer.alloc(0)] = this.#parts;
    const line = this.#parts.length > 1 ? Buffer.concat(this.#parts) : first;
    if (!this.#skipping) this.#onLine(line.at(-1) === 0x0d ? line.subarray(0, -1) : line);
    this.#parts = [];
    this.#length = 0;
    this.#skipping = false;
  }
}
