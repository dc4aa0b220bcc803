import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import type { Connection } from './connection.ts';

/** A GET request to a port of a pod in the connection's namespace. */
export interface PodRequest {
  readonly pod: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Time limit for the whole response. */
  readonly withinMs: number;
  readonly maxBytes: number;
}

/**
 * Sends a GET request to a pod through the API server. The client library would read a response of any
 * size, but an agent may have written the response, so this function limits its size.
 * @throws Error when there is no response with status 200 within the limits.
 */
export async function getFromPod(
  { config, namespace, server }: Connection,
  { pod, port, path, headers, withinMs, maxBytes }: PodRequest,
): Promise<Buffer> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const base = server.replace(/\/$/, '');
  const url = `${base}/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(`${pod}:${port}`)}/proxy/${path}`;
  const begun = (url.startsWith('http:') ? plainRequest : request)(url, {
    ...options,
    headers: { ...(options.headers as Record<string, string> | undefined), ...headers },
    signal: AbortSignal.timeout(withinMs),
  });
  begun.end();
  return bytesOf(await answerOf(begun), maxBytes);
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
    if (answer.statusCode !== 200) throw new Error(`HTTP status ${answer.statusCode}`);
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > most) throw new Error(`the answer is longer than ${most} bytes`);
    }
    return Buffer.concat(chunks);
  } finally {
    answer.destroy();
  }
}
