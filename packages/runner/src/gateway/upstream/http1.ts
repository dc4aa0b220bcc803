import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import {
  SILENCE_MS,
  SilenceError,
  StaleConnectionError,
  silenceOf,
  type UpstreamReply,
  type UpstreamRequest,
} from './exchange.ts';

/** A kept connection that the other side has closed says so at once; a reply that broke off, later. */
const STALE_MS = 1000;

/**
 * Sends a request over HTTP/1.1. Nothing of its body is taken before the connection is there: until
 * then it can still be sent in another way.
 * @param target where to connect to, and the request line.
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
    // Stays: what breaks after the reply has begun shows on the reply as well.
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
    isWhole: () => reply.complete,
  };
}
