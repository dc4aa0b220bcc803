import { AwsFrames } from './aws-frames.ts';
import { decodeAwsMessage } from './aws-message.ts';
import { EventMeter } from './event-meter.ts';
import type { MeteredReply, ReplyMeter } from './reply-meter.ts';

/** Measures a reply of type `application/vnd.amazon.eventstream`. */
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
    const message = decodeAwsMessage(frame);
    // It may have been a report of usage. An error that ends the stream carries none.
    if (message.kind === 'unreadable') this.#events.skipUnknown();
    if (message.kind !== 'event') return;
    this.#events.event(message.data);
    this.#onEvent(message.data);
  }
}
