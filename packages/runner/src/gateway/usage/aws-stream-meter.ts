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
    let text: string;
    try {
      const { headers, body } = CODEC.decode(frame);
      // Errors that end the stream carry no usage.
      if (headers[':message-type']?.value !== 'event') return;
      text = Buffer.from(body).toString('utf8');
    } catch {
      // The checksum is wrong: the frame may have been a report of usage.
      return this.#events.skipUnknown();
    }
    const bytes = parseRecord(text)?.['bytes'];
    if (typeof bytes !== 'string') return this.#events.skipUnknown();
    const data = Buffer.from(bytes, 'base64');
    this.#events.event(data);
    this.#onEvent(data);
  }
}
