import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { messageJson } from './message-json.ts';
import type { ErrorReply, ModelReply, Reply } from './reply.ts';
import type { MessagesRequest } from './request.ts';
import { streamEvents } from './stream-events.ts';

const PING_MS = 500;

/** Sends a reply as the Messages API would. @param signal aborts when the rehearsal or the client is gone. */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  request: MessagesRequest,
  signal: AbortSignal,
): Promise<void> {
  switch (reply.kind) {
    case 'error':
      return sendError(response, reply);
    case 'model':
      if (reply.delayMs > 0) await delay(reply.delayMs, undefined, { signal });
      response.setHeader('request-id', `req_${reply.id}`);
      return request.stream
        ? sendStream(response, reply, request.model, signal)
        : sendJson(response, 200, messageJson(reply, request.model));
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export function sendError(response: ServerResponse, error: ErrorReply): void {
  const { status, type, message, headers } = error;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, status, { type: 'error', error: { type, message } });
}

async function sendStream(
  response: ServerResponse,
  reply: ModelReply,
  model: string,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  let sent = 0;
  for (const event of streamEvents(reply, model)) {
    if (sent === reply.cutAfter) {
      response.destroy();
      return;
    }
    if (reply.pace !== undefined && event.type === 'content_block_delta') {
      await delay(reply.pace.everyMs, undefined, { signal });
    }
    await write(response, `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`, signal);
    sent += 1;
    if (event.type === 'ping' && reply.thinkMs !== undefined) {
      await think(response, reply.thinkMs, signal);
    }
  }
  response.end();
}

/** Streams only pings, as the API does while thinking is not shown. */
async function think(response: ServerResponse, ms: number, signal: AbortSignal): Promise<void> {
  for (let left = ms; left > 0; left -= PING_MS) {
    await delay(Math.min(PING_MS, left), undefined, { signal });
    await write(response, 'event: ping\ndata: {"type":"ping"}\n\n', signal);
  }
}

/** Resolves when the text was sent, so that everything before a cut arrives. */
async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    response.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
