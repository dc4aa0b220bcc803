import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ANTHROPIC_FORMAT, type WireFormat } from '../provider/wire-format.ts';
import { messageJson } from './message-json.ts';
import type { ErrorReply, ModelReply, Reply } from './reply.ts';
import type { MessagesRequest } from './request.ts';
import { streamEvents } from './stream-events.ts';

const PING_MS = 500;

/** Sends a reply as the provider would. @param signal aborts when the rehearsal or the client is gone. */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  request: MessagesRequest,
  signal: AbortSignal,
  format: WireFormat = ANTHROPIC_FORMAT,
): Promise<void> {
  switch (reply.kind) {
    case 'error':
      return sendError(response, reply, format);
    case 'model':
      if (reply.delayMs > 0) await delay(reply.delayMs, undefined, { signal });
      response.setHeader('request-id', `req_${reply.id}`);
      return request.stream
        ? sendStream(response, reply, request.model, signal, format)
        : sendJson(response, 200, messageJson(reply, request.model));
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export function sendError(
  response: ServerResponse,
  error: ErrorReply,
  format: WireFormat = ANTHROPIC_FORMAT,
): void {
  const { headers, body } = format.error(error);
  for (const [name, value] of Object.entries({ ...error.headers, ...headers })) {
    response.setHeader(name, value);
  }
  sendJson(response, error.status, body);
}

async function sendStream(
  response: ServerResponse,
  reply: ModelReply,
  model: string,
  signal: AbortSignal,
  format: WireFormat,
): Promise<void> {
  response.writeHead(200, { 'content-type': format.contentType, 'cache-control': 'no-cache' });
  let sent = 0;
  for (const event of streamEvents(reply, model)) {
    if (sent === reply.cutAfter) {
      response.destroy();
      return;
    }
    if (reply.pace !== undefined && event.type === 'content_block_delta') {
      await delay(reply.pace.everyMs, undefined, { signal });
    }
    await write(response, format.event(event), signal);
    sent += 1;
    if (event.type === 'ping' && reply.thinkMs !== undefined) {
      await think(response, reply.thinkMs, signal, format);
    }
  }
  response.end();
}

/** Streams only pings, as the API does while thinking is not shown. */
async function think(
  response: ServerResponse,
  ms: number,
  signal: AbortSignal,
  format: WireFormat,
): Promise<void> {
  for (let left = ms; left > 0; left -= PING_MS) {
    await delay(Math.min(PING_MS, left), undefined, { signal });
    await write(response, format.event({ type: 'ping' }), signal);
  }
}

/** Resolves when the text was sent, so that everything before a cut arrives. */
async function write(
  response: ServerResponse,
  data: string | Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (data.length === 0) return;
  await new Promise<void>((resolve, reject) => {
    response.write(data, (error) => (error ? reject(error) : resolve()));
  });
}
