import { LineSplitter } from './line-splitter.ts';
import { mergeUsage, type ReportedUsage } from './reported-usage.ts';

/** What a reply has said so far about what it costs. */
export interface MeteredReply {
  readonly usage: ReportedUsage | undefined;
  readonly model: string | undefined;
  readonly messagesSent: number;
  /** Bytes of content deltas: what a cut reply had generated, before the API reported it. */
  readonly streamedBytes: number;
  /** The reply came to its own end. */
  readonly complete: boolean;
}

/** Reads a reply of the Messages API as it passes. */
export interface ReplyMeter {
  push(chunk: Buffer): void;
  /** No more will come. */
  end(): void;
  readonly reply: MeteredReply;
}

const EMPTY: MeteredReply = {
  usage: undefined,
  model: undefined,
  messagesSent: 0,
  streamedBytes: 0,
  complete: false,
};

/** Bytes of a delta event around the text that it carries, at the least. */
const DELTA_FRAME = 78;

/** For `text/event-stream`. Content deltas, most of a stream, are measured without being parsed. */
export class StreamMeter implements ReplyMeter {
  reply: MeteredReply = EMPTY;
  #event = '';
  readonly #lines: LineSplitter = new LineSplitter((line) => this.#line(line));

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  end(): void {}

  #line(line: Buffer): void {
    if (line.length === 0) {
      this.#event = '';
    } else if (line.indexOf('event:') === 0) {
      this.#event = line.toString('utf8', 6).trim();
    } else if (line.indexOf('data:') === 0) {
      this.#data(line.subarray(5));
    }
  }

  #data(data: Buffer): void {
    if (this.#event === 'content_block_delta') {
      const streamedBytes = this.reply.streamedBytes + Math.max(0, data.length - DELTA_FRAME);
      this.reply = { ...this.reply, streamedBytes };
      return;
    }
    const event = parse(data);
    switch (event?.['type']) {
      case 'message_start': {
        const message = record(event['message']);
        const usage = mergeUsage(this.reply.usage, message['usage']);
        this.reply = { ...this.reply, usage, model: modelOf(message) };
        break;
      }
      case 'message_delta':
        this.reply = { ...this.reply, usage: mergeUsage(this.reply.usage, event['usage']) };
        break;
      case 'content_block_start': {
        const messagesSent = this.reply.messagesSent + sendsMessage(event['content_block']);
        this.reply = { ...this.reply, messagesSent };
        break;
      }
      case 'message_stop':
        this.reply = { ...this.reply, complete: true };
        break;
      case 'content_block_delta': {
        // An API-compatible gateway that leaves out the event names.
        const streamedBytes = this.reply.streamedBytes + Math.max(0, data.length - DELTA_FRAME);
        this.reply = { ...this.reply, streamedBytes };
        break;
      }
    }
  }
}

/** A reply of one JSON document is kept for reading up to this size; the API's are far smaller. */
const LARGEST_DOCUMENT = 16 * 1024 * 1024;

/** For a reply that is not streamed. */
export class DocumentMeter implements ReplyMeter {
  reply: MeteredReply = EMPTY;
  #chunks: Buffer[] = [];
  #length = 0;

  push(chunk: Buffer): void {
    this.#length += chunk.length;
    this.reply = { ...this.reply, streamedBytes: this.#length };
    if (this.#length <= LARGEST_DOCUMENT) this.#chunks.push(chunk);
    else this.#chunks = [];
  }

  end(): void {
    const message = parse(Buffer.concat(this.#chunks));
    if (message === undefined || message['usage'] === undefined) return;
    const content = Array.isArray(message['content']) ? message['content'] : [];
    this.reply = {
      usage: mergeUsage(undefined, message['usage']),
      model: modelOf(message),
      messagesSent: content.reduce((sum: number, block) => sum + sendsMessage(block), 0),
      streamedBytes: this.#length,
      complete: true,
    };
  }
}

function parse(data: Buffer): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(data.toString('utf8')));
  } catch {
    return undefined;
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function modelOf(message: Record<string, unknown>): string | undefined {
  const model = message['model'];
  return typeof model === 'string' ? model.slice(0, 200) : undefined;
}

function sendsMessage(block: unknown): number {
  const { type, name } = record(block);
  return type === 'tool_use' && name === 'SendMessage' ? 1 : 0;
}
