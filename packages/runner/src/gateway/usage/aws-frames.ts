/** Larger messages are skipped, so that memory stays bounded. An event in base64 is a third longer than its text. */
const MAX_FRAME_BYTES = 2 * 1024 * 1024;
/** A message without headers and payload: its length, that of its headers, and two checksums. */
const MIN_FRAME_BYTES = 16;

/** Splits an AWS event stream into messages, each of which begins with its length. */
export class AwsFrames {
  readonly #onFrame: (frame: Buffer) => void;
  readonly #onSkipped: () => void;
  #parts: Buffer[] = [];
  #length = 0;
  /** Bytes of a message that are still to be skipped. */
  #skipping = 0;

  /** @param onSkipped called for each message that is too large, and once if the stream has no valid lengths. */
  constructor(onFrame: (frame: Buffer) => void, onSkipped: () => void) {
    this.#onFrame = onFrame;
    this.#onSkipped = onSkipped;
  }

  push(chunk: Buffer): void {
    const skipped = Math.min(this.#skipping, chunk.length);
    this.#skipping -= skipped;
    if (skipped === chunk.length) return;
    this.#parts.push(chunk.subarray(skipped));
    this.#length += chunk.length - skipped;
    while (this.#length >= 4) {
      const frameLength = this.#frameLength();
      if (frameLength < MIN_FRAME_BYTES) {
        this.#skipRest();
        return;
      }
      if (frameLength > MAX_FRAME_BYTES) {
        this.#onSkipped();
        if (this.#drop(frameLength)) continue;
        return;
      }
      if (this.#length < frameLength) return;
      const all = this.#joined();
      this.#keep(all.subarray(frameLength));
      this.#onFrame(all.subarray(0, frameLength));
    }
  }

  #frameLength(): number {
    const [first] = this.#parts;
    return (first !== undefined && first.length >= 4 ? first : this.#joined()).readUInt32BE(0);
  }

  /** Drops a message. @returns whether all of it has arrived. */
  #drop(frameLength: number): boolean {
    const isComplete = this.#length >= frameLength;
    this.#skipping = isComplete ? 0 : frameLength - this.#length;
    this.#keep(isComplete ? this.#joined().subarray(frameLength) : Buffer.alloc(0));
    return isComplete;
  }

  #skipRest(): void {
    this.#onSkipped();
    this.#skipping = Number.POSITIVE_INFINITY;
    this.#keep(Buffer.alloc(0));
  }

  #joined(): Buffer {
    const all = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [all ?? Buffer.alloc(0)];
    return this.#parts[0] as Buffer;
  }

  #keep(rest: Buffer): void {
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
  }
}
