import {
  type ClientRequest,
  type IncomingMessage,
  request as plainRequest,
  type RequestOptions,
} from 'node:http';
import { request } from 'node:https';
import type { Connection } from './connection.ts';

/** A GET request to the API server. */
export interface BoundedRequest {
  /** With the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Time limit for the whole response. */
  readonly withinMs: number;
  readonly maxBytes: number;
}

/** A response is larger than its reader has room for. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** Bytes of the text of a refusal. */
const REFUSAL_BYTES = 65_536;

/**
 * Sends a GET request. The client library would read a response of any size.
 * @throws TooLargeError, and Error when there is no response with status 200 within the limits; `code` is its
 *   status, and `body` its text.
 */
export async function getBytes(
  { config, server }: Pick<Connection, 'config' | 'server'>,
  { path, headers = {}, withinMs, maxBytes }: BoundedRequest,
): Promise<Buffer> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const url = `${server.replace(/\/$/, '')}${path}`;
  const begun = (url.startsWith('http:') ? plainRequest : request)(url, {
    ...options,
    headers: { ...(options.headers as Record<string, string> | undefined), ...headers },
    signal: AbortSignal.timeout(withinMs),
  });
  begun.end();
  const answer = await answerOf(begun);
  const { statusCode: code = 0 } = answer;
  if (code === 200) return bytesOf(answer, maxBytes);
  const body = await bytesOf(answer, REFUSAL_BYTES).then(String, () => '');
  throw Object.assign(new Error(`HTTP status ${code}`), { code, body });
}

function answerOf(begun: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    begun.once('response', resolve);
    begun.on('error', reject);
  });
}

async function bytesOf(answer: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > most) throw new TooLargeError(`the answer is longer than ${most} bytes`);
    }
    return Buffer.concat(chunks);
  } finally {
    answer.destroy();
  }
}
