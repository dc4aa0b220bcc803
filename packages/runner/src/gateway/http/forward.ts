import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import type { ErrorReply } from '../provider/error-of.ts';
import { findFault } from '../provider/hidden-fault.ts';
import {
  StaleConnectionError,
  type UpstreamReply,
  type UpstreamRequest,
} from '../upstream/exchange.ts';
import { ProxyError } from '../upstream/tunnel.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { decoderFor } from '../usage/decode-body.ts';
import { sendApiError } from './api-error.ts';
import { responseHeaders } from './headers.ts';

/** Observes a reply while it is forwarded. It sees all of it before the agent gets the end. */
export interface ReplyObserver {
  head(status: number, headers: IncomingHttpHeaders): void;
  chunk(data: Buffer): void;
  end(): void;
  /** Whether to read a reply to its end after the agent has closed the connection. */
  readonly drains: boolean;
}

/** Limits for reading such a reply. Beyond them, the most that it can have cost is charged. */
const DRAIN_MS = 15 * 60_000;
const DRAIN_BYTES = 256 * 1024 * 1024;

/** Bytes of an error that are kept. The API's errors are far smaller. */
const KEPT_BYTES = 256 * 1024;

/** Errors that show that the API has not seen the request. */
const UNSEEN = [StaleConnectionError, ProxyError];

export interface ForwardOptions extends Omit<UpstreamRequest, 'onSent'> {
  /** Default: 15 minutes. */
  readonly drainMs?: number;
  /** Called before the API's answer is passed on. */
  readonly onAnswer?: () => void;
  /**
   * Return errors to the caller instead of answering the agent with them. This applies to errors of the
   * connection, to the API's error responses, and to what is not the API: redirects and web pages. Errors and pages
   * with a status of success count, too.
   */
  readonly keepErrors?: boolean;
  readonly upstream: Upstream;
  readonly response: ServerResponse;
  readonly observer: ReplyObserver;
}

export interface ForwardOutcome {
  /** HTTP status of the reply; 0 when there was none. */
  readonly status: number;
  /** The error that interrupted the exchange, on either side. */
  readonly error?: Error;
  /** Whether the request was sent. The API may charge for it then, whatever it answers. */
  readonly sent: boolean;
  /** The API's error response, with `keepErrors`. */
  readonly kept?: ErrorReply;
}

/**
 * Forwards a request, and streams the reply back with backpressure. An incomplete reply is broken off
 * for the agent as well, so that it never looks complete. When the agent closes its connection, a reply
 * that costs money is still read to its end, because the API reports the cost there. Never throws.
 */
export async function forward(options: ForwardOptions): Promise<ForwardOutcome> {
  const { upstream, response, observer, drainMs = DRAIN_MS, keepErrors = false } = options;
  const gone = new AbortController();
  let draining: NodeJS.Timeout | undefined;
  let sent = false;
  const onClose = () => {
    if (!observer.drains || !sent) gone.abort();
    else draining = setTimeout(() => gone.abort(), drainMs).unref();
  };
  response.once('close', onClose);
  const signal = AbortSignal.any([gone.signal, options.signal]);
  let status = 0;
  if (response.destroyed || signal.aborted) {
    return { status, sent, error: new Error('nothing was sent') };
  }
  try {
    const onSent = () => {
      sent = true;
    };
    const reply = await upstream.send({ ...options, signal, onSent });
    status = reply.status;
    const { headers } = reply;
    const whole = decoded(reply);
    const { body, fault } =
      keepErrors && status < 300
        ? await findFault(status, headers, whole)
        : { body: whole, fault: undefined };
    // A fault costs what an error with its own status costs.
    status = fault?.status ?? status;
    observer.head(status, headers);
    if (keepErrors && (status >= 300 || fault !== undefined)) {
      const kept = await keep(body, observer);
      return { status, sent, kept: fault ?? { status, headers, body: kept } };
    }
    options.onAnswer?.();
    if (!response.destroyed) {
      response.writeHead(status, responseHeaders(headers, whole !== reply.body));
    }
    await pass(body, response, observer);
    if (!reply.isComplete()) throw new Error('the upstream broke off the reply');
    observer.end();
    response.end();
    return { status, sent };
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy();
    } else if (!keepErrors) {
      sendApiError(response, {
        status: 502,
        type: 'api_error',
        message: `The gateway got no answer${inBrackets(connectionCode(error))}.`,
        retry: true,
      });
    }
    gone.abort();
    return {
      status,
      sent: sent && !UNSEEN.some((kind) => error instanceof kind),
      error: error as Error,
    };
  } finally {
    response.off('close', onClose);
    clearTimeout(draining);
  }
}

/**
 * The code of a connection error, for example `ENOTFOUND`. The agent must not see the error's message,
 * which names hosts and proxies.
 */
export function connectionCode(error: unknown): string | undefined {
  const { code } = (
    error instanceof StaleConnectionError ? error.cause : error
  ) as NodeJS.ErrnoException;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,39}$/.test(code) ? code : undefined;
}

function inBrackets(code: string | undefined): string {
  return code === undefined ? '' : ` (${code})`;
}

/** Reads an error response to its end. Bytes beyond the limit are discarded. */
async function keep(body: Readable, observer: ReplyObserver): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    observer.chunk(chunk);
    if (length < KEPT_BYTES) chunks.push(chunk);
    length += chunk.length;
  }
  observer.end();
  return Buffer.concat(chunks).subarray(0, KEPT_BYTES);
}

function decoded({ headers, body }: UpstreamReply): Readable {
  const decoder = decoderFor(headers['content-encoding']);
  if (decoder === undefined) return body;
  // Errors of both streams show on the decoder.
  return pipeline(body, decoder, () => {});
}

/** Copies the reply to the agent chunk by chunk. This is faster than streams joined by `pipeline`. */
async function pass(body: Readable, response: ServerResponse, observer: ReplyObserver) {
  let drained = 0;
  // The first part of the body often arrives with the headers. One write then sends both.
  const flushing = setImmediate(() => {
    if (!response.destroyed) response.flushHeaders();
  });
  await new Promise<void>((resolve, reject) => {
    const onClose = () => reject(new Error('the reply was closed before its end'));
    body.once('end', () => {
      body.off('close', onClose);
      resolve();
    });
    body.on('error', reject);
    body.once('close', onClose);
    // A closed connection to the agent is not an error of the reply.
    response.on('error', () => {});
    response.on('drain', () => body.resume());
    response.on('close', () => body.resume());
    body.on('data', (chunk: Buffer) => {
      clearImmediate(flushing);
      try {
        observer.chunk(chunk);
      } catch (error) {
        // A chunk that cannot be counted must not be passed on.
        return reject(error);
      }
      if (!response.destroyed) {
        if (!response.write(chunk)) body.pause();
        return;
      }
      drained += chunk.length;
      if (observer.drains && drained <= DRAIN_BYTES) return;
      reject(new Error('the agent has closed the connection'));
    });
  }).finally(() => clearImmediate(flushing));
}
