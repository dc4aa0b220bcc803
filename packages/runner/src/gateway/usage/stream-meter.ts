import { EventMeter } from './event-meter.ts';
import type { MeteredReply, ReplyMeter } from './reply-meter.ts';
import { SseLines } from './sse-lines.ts';

/** Events with more data are skipped. */
const MAX_DATA_BYTES = 1024 * 1024;

/** Measures a reply of type `text/event-stream`. */
export class StreamMeter implements ReplyMeter {
  readonly #events: EventMeter = new EventMeter();
  #data: Buffer[] = [];
  #length = 0;
  #first = true;
  readonly #lines: SseLines = new SseLines(
    (line) => this.#line(line),
    (head) => this.#skip(head),
  );

  get reply(): MeteredReply {
    return this.#events.reply;
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  end(): void {}

  #line(given: Buffer): void {
    const line = this.#first && isMarked(given) ? given.subarray(3) : given;
    this.#first = false;
    if (line.length === 0) this.#dispatch();
    else if (line.indexOf('data:') === 0) this.#keep(line.subarray(line[5] === 0x20 ? 6 : 5));
  }

  #keep(data: Buffer): void {
    this.#length += data.length;
    if (this.#length > MAX_DATA_BYTES) this.#skip(this.#data[0] ?? data);
    else this.#data.push(data);
  }

  #skip(head: Buffer): void {
    this.#data = [];
    this.#events.skip(head);
  }

  #dispatch(): void {
    const [first] = this.#data;
    const data = this.#data.length > 1 ? Buffer.from(this.#data.map(String).join('\n')) : first;
    this.#data = [];
    this.#length = 0;
    if (data !== undefined) this.#events.event(data);
  }
}

/** Whether a line starts with a byte order mark. */
function isMarked(line: Buffer): boolean {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf;
}
