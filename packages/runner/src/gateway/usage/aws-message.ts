import { EventStreamCodec } from '@smithy/eventstream-codec';
import { parseRecord } from './reply-meter.ts';

const CODEC = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

/**
 * A message of a Bedrock stream: an event of the Messages API as JSON, or the error that ends the stream. The body of
 * an error is JSON with a `message`; its name is, for example, `throttlingException`.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html
 */
export type AwsMessage =
  | { readonly kind: 'event'; readonly data: Buffer }
  | { readonly kind: 'error'; readonly name: string; readonly body: Buffer }
  | { readonly kind: 'unreadable' };

/** @param frame one whole message: its length, that of its headers, the headers, the payload, and two checksums. */
export function decodeAwsMessage(frame: Buffer): AwsMessage {
  try {
    const { headers, body } = CODEC.decode(frame);
    const payload = Buffer.from(body);
    if (headers[':message-type']?.value !== 'event') {
      const name = headers[':exception-type'] ?? headers[':error-code'];
      return { kind: 'error', name: String(name?.value ?? ''), body: payload };
    }
    const bytes = parseRecord(payload.toString('utf8'))?.['bytes'];
    if (typeof bytes === 'string') return { kind: 'event', data: Buffer.from(bytes, 'base64') };
  } catch {
    // The checksum is wrong.
  }
  return { kind: 'unreadable' };
}
