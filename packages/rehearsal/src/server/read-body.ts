import type { IncomingMessage } from 'node:http';

/** The limit of the Messages API. */
const MAX_BYTES = 32 * 1024 * 1024;

export class BodyTooLargeError extends Error {
  override readonly name: string = 'BodyTooLargeError';
}

/** @throws BodyTooLargeError */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES)
      throw new BodyTooLargeError('the request is larger than the limit of 32 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
