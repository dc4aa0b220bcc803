import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import {
  SILENCE_MS,
  SilenceError,
  StaleConnectionError,
  silenceOf,
  type UpstreamReply,
  type UpstreamRequest,
} from './exchange.ts';

/** A connection that the upstream had already closed fails within this time. Later failures are others. */
const STALE_MS = 1000;

/**
 * Sends a request over HTTP/1.1. The body is not read before the connection is open: until then, the
 * request can still be sent over HTTP/2.
 * @param target host to connect to, and the request line.
 */
export async function sendHttp1(
  send: (options: RequestOptions) => ClientRequest,
  agent: Agent,
  target: RequestOptions,
  { method, headers, body, signal, onSent }: UpstreamRequest,
): Promise<UpstreamReply> {
  const call = send({ ...target, agent, method, headers, signal, timeout: SILENCE_MS });
  call.on('timeout', () => call.destroy(new SilenceError('the upstream is silent')));
  let started = 0;
  call.once('socket', (socket) => {
    const start = () => {
      started = performance.now();
      onSent();
      if (body === null || Buffer.isBuffer(body)) call.end(body ?? undefined);
      else body.pipe(call);
    };
    if ('encrypted' in socket && !call.reusedSocket) socket.once('secureConnect', start);
    else if (socket.connecting) socket.once('connect', start);
    else start();
  });
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve);
    // Keep this listener: later errors also show on the reply.
    call.on('error', (error: NodeJS.ErrnoException) => {
      const stale =
        call.reusedSocket &&
        ['ECONNRESET', 'EPIPE'].includes(error.code ?? '') &&
        performance.now() - started < STALE_MS;
      reject(stale ? new StaleConnectionError(error.message, { cause: error }) : error);
    });
  });
  call.setTimeout(silenceOf(reply.headers));
  return {
    status: reply.statusCode ?? 0,
    headers: reply.headers,
    body: reply,
    isComplete: () => reply.complete,
  };
}
