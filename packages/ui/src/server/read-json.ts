import type { IncomingMessage } from 'node:http';

/** Bytes of a request's body. */
const MOST_BYTES = 32_768;

/** Reads a JSON object from the body of a request. @returns a sentence if there is none. */
export async function readJson(
  request: IncomingMessage,
  mostBytes: number = MOST_BYTES,
): Promise<Readonly<Record<string, unknown>> | string> {
  if (request.headers['content-type'] !== 'application/json') return 'The body must be JSON.';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return 'The body is too long.';
    chunks.push(chunk);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return 'The body must be JSON.';
  }
  if (typeof body !== 'object' || body === null) return 'The body must be an object.';
  return body as Readonly<Record<string, unknown>>;
}
