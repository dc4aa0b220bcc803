import {
  EMPTY_REPLY,
  type MeteredReply,
  modelOf,
  parseRecord,
  type ReplyMeter,
  record,
  runsCode,
} from './reply-meter.ts';
import { mergeUsage } from './reported-usage.ts';
import { SseLines } from './sse-lines.ts';

/** Minimum bytes of a delta event besides its text. */
const DELTA_FRAME = 78;
/** Events with more data are skipped. */
const MAX_DATA_BYTES = 1024 * 1024;
const DELTA = 'content_block_delta';
const CONTENT = /^(?:data: ?)?\{"type":"content_block_(?:delta|start)"/;
const DELTA_DATA = Buffer.from(`{"type":"${DELTA}"`);

const PREFIX_LENGTH = DELTA_DATA.length;

/**
 * Measures a reply of type `text/event-stream`. Content deltas, which make up most of a stream, are
 * measured without parsing them.
 */
export class StreamMeter implements ReplyMeter {
  reply: MeteredReply = EMPTY_REPLY;
  #data: Buffer[] = [];
  #length = 0;
  #first = true;
  readonly #lines: SseLines = new SseLines(
    (line) => this.#line(line),
    (head) => this.#skip(head),
  );

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

  /** Content may be skipped. Any other skipped event may have been a report of usage. */
  #skip(head: Buffer): void {
    this.#data = [];
    if (!CONTENT.test(head.toString('latin1', 0, 100)))
      this.reply = { ...this.reply, skipped: true };
  }

  #dispatch(): void {
    const [first] = this.#data;
    const data = this.#data.length > 1 ? Buffer.from(this.#data.map(String).join('\n')) : first;
    this.#data = [];
    this.#length = 0;
    if (data !== undefined) this.#event(data);
  }

  #event(data: Buffer): void {
    const isDelta = data.length > PREFIX_LENGTH && DELTA_DATA.compare(data, 0, PREFIX_LENGTH) === 0;
    if (isDelta) this.#delta(data);
    else this.#other(data, parseRecord(data.toString('utf8')));
  }

  #other(data: Buffer, event: Record<string, unknown> | undefined): void {
    switch (event?.['type']) {
      case 'message_start': {
        const message = record(event['message']);
        this.#report(message['usage'], message['container']);
        this.reply = { ...this.reply, model: this.reply.model ?? modelOf(message) };
        break;
      }
      case 'message_delta':
        this.#report(event['usage'], record(event['delta'])['container']);
        break;
      case 'content_block_start': {
        const block = event['content_block'];
        const ranCode = this.reply.ranCode || runsCode(block);
        this.reply = { ...this.reply, ranCode };
        break;
      }
      case 'message_stop':
        this.reply = { ...this.reply, complete: true };
        break;
      case DELTA:
        // A delta whose fields are in another order.
        this.#delta(data);
        break;
      case 'error':
        if (event['usage'] !== undefined) this.#report(event['usage'], undefined);
        break;
    }
  }

  #report(usage: unknown, container: unknown): void {
    const ranCode = this.reply.ranCode || (container !== undefined && container !== null);
    this.reply = { ...this.reply, ranCode };
    if (usage === undefined) return;
    this.reply = { ...this.reply, usage: mergeUsage(this.reply.usage, usage) };
  }

  #delta(data: Buffer): void {
    const streamedBytes = this.reply.streamedBytes + Math.max(0, data.length - DELTA_FRAME);
    this.reply = { ...this.reply, streamedBytes };
  }
}

/** Whether a line starts with a byte order mark. */
function isMarked(line: Buffer): boolean {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf;
}
