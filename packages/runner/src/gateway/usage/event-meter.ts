import {
  EMPTY_REPLY,
  type MeteredReply,
  modelOf,
  parseRecord,
  record,
  runsCode,
} from './reply-meter.ts';
import { mergeUsage } from './reported-usage.ts';

/** Minimum bytes of a delta event besides its text. */
const DELTA_FRAME = 78;
const DELTA = 'content_block_delta';
const CONTENT = /^(?:data: ?)?\{"type":"content_block_(?:delta|start)"/;
const DELTA_DATA = Buffer.from(`{"type":"${DELTA}"`);

const PREFIX_LENGTH = DELTA_DATA.length;

/**
 * Measures a reply from the events that it streams. Content deltas, which make up most of a stream, are
 * measured without parsing them.
 */
export class EventMeter {
  reply: MeteredReply = EMPTY_REPLY;

  /** @param head the first bytes of an event that is too large. */
  skip(head: Buffer): void {
    // Content may be skipped. Any other skipped event may have been a report of usage.
    if (!CONTENT.test(head.toString('latin1', 0, 100))) this.skipUnknown();
  }

  /** Call this when an event cannot be read. */
  skipUnknown(): void {
    this.reply = { ...this.reply, skipped: true };
  }

  /** @param data an event as JSON. */
  event(data: Buffer): void {
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
