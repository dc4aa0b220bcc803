import { EventStreamCodec } from '@smithy/eventstream-codec';
import { AwsFrames } from './aws-frames.ts';
import { EventMeter } from './event-meter.ts';
import { type MeteredReply, parseRecord, type ReplyMeter } from './reply-meter.ts';

const CODEC = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

/**
 * Measures a reply of type `application/vnd.amazon.eventstream`: binary messages, whose payload contains an
 * event of the Messages API in base64.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html
 */
export class AwsStreamMeter implements ReplyMeter {
  readonly #events: EventMeter = new EventMeter();
  readonly #onEvent: (data: Buffer) => void;
  readonly #frames: AwsFrames = new AwsFrames(
    (frame) => this.#frame(frame),
    () => this.#events.skipUnknown(),
  );

  /** @param onEvent gets each event as JSON. */
  constructor(onEvent: (data: Buffer) => void = () => {}) {
    this.#onEvent = onEvent;
  }

  get reply(): MeteredReply {
    return this.#events.reply;
  }

  push(chunk: Buffer): void {
    this.#frames.push(chunk);
  }

  end(): void {}

  #frame(frame: Buffer): void {
    const event = eventIn(frame);
    if (event === 'unreadable') this.#events.skipUnknown();
    if (!Buffer.isBuffer(event)) return;
    this.#events.event(event);
    this.#onEvent(event);
  }
}

/** @returns `unreadable` for a message that may have been a report of usage. */
function eventIn(frame: Buffer): Buffer | 'unreadable' | undefined {
  try {
    const { headers, body } = CODEC.decode(frame);
    // Errors that end the stream carry no usage.
    if (headers[':message-type']?.value !== 'event') return undefined;
    const bytes = parseRecord(Buffer.from(body).toString('utf8'))?.['bytes'];
    return typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : 'unreadable';
  } catch {
    // The checksum is wrong.
    return 'unreadable';
  }
}
