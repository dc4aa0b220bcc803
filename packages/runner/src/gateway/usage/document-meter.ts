import {
  EMPTY_REPLY,
  type MeteredReply,
  modelOf,
  parseRecord,
  type ReplyMeter,
  runsCode,
} from './reply-meter.ts';
import { mergeUsage } from './reported-usage.ts';

/** Larger documents are not parsed. The API's are far smaller. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** Measures a reply that is a single JSON document. */
export class DocumentMeter implements ReplyMeter {
  reply: MeteredReply = EMPTY_REPLY;
  #chunks: Buffer[] = [];
  #length = 0;

  push(chunk: Buffer): void {
    this.#length += chunk.length;
    this.reply = { ...this.reply, streamedBytes: this.#length };
    if (this.#length <= MAX_DOCUMENT_BYTES) this.#chunks.push(chunk);
    else this.#chunks = [];
  }

  end(): void {
    const message = parseRecord(Buffer.concat(this.#chunks).toString('utf8'));
    this.#chunks = [];
    if (message === undefined || message['usage'] === undefined) return;
    const content = Array.isArray(message['content']) ? message['content'] : [];
    const { container } = message;
    this.reply = {
      usage: mergeUsage(undefined, message['usage']),
      model: modelOf(message),
      streamedBytes: this.#length,
      ranCode: (container !== undefined && container !== null) || content.some(runsCode),
      skipped: false,
      complete: true,
    };
  }
}
