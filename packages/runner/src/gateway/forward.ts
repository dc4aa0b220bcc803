import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { sendApiError } from './api-error.ts';
import { responseHeaders } from './headers.ts';
import type { ErrorReply } from './provider/classify.ts';
import {
  StaleConnectionError,
  type UpstreamReply,
  type UpstreamRequest,
} from './upstream/exchange.ts';
import { ProxyError } from './upstream/tunnel.ts';
import type { Upstream } from './upstream/upstream.ts';
import { decoderFor } from './usage/decode-body.ts';

/** Sees a reply pass. All of it has been seen before the agent gets the end. */
export interface ReplyObserver {
  head(status: number, headers: IncomingHttpHeaders): void;
  chunk(data: Buffer): void;
  end(): void;
  /** Whether a reply whose agent has gone is heard out: what it costs is reported at its end. */
  readonly hearsOut: boolean;
}

/** How long, and how far, a reply is heard out. After that its dearest outcome is charged. */
const HEAR_OUT_MS = 15 * 60_000;
const HEAR_OUT_BYTES = 256 * 1024 * 1024;

/** What is kept of an error: the API's own are far smaller, and a proxy's page says nothing at its end. */
const KEPT_BYTES = 256 * 1024;

/** Errors that tell that the API has not seen the request. */
const UNSEEN = [StaleConnectionError, ProxyError];

export interface ForwardOptions extends Omit<UpstreamRequest, 'onSent'> {
  /** Default: a quarter of an hour. */
  readonly hearOutMs?: number;
  /** Called when the API has the request and its answer is passed on. */
  readonly onAnswer?: () => void;
  /**
   * Returns errors to the caller instead of passing them on: those of the connection, and the API's
   * own, read whole. The agent has got nothing then.
   */
  readonly keepErrors?: boolean;
  readonly upstream: Upstream;
  readonly response: ServerResponse;
  readonly observer: ReplyObserver;
}

export interface ForwardOutcome {
  /** HTTP status of the reply; 0 when there was none. */
  readonly status: number;
  /** What broke it off, on whichever side. */
  readonly error?: Error;
  /** The request went out: the API may charge for it, whatever it answers. */
  readonly sent: boolean;
  /** The API's error, where errors are kept. */
  readonly kept?: ErrorReply;
}

/**
 * Sends a request on and streams the reply back, chunk by chunk, each side no faster than the other
 * takes it. A reply that breaks off upstream breaks off for the agent too, never ends as if whole. An
 * agent that goes away does not end a reply that costs money: the API reports its cost at the end, and
 * until then it may think without a word. Never throws.
 */
export async function forward(options: ForwardOptions): Promise<ForwardOutcome> {
  const { upstream, response, observer, hearOutMs = HEAR_OUT_MS, keepErrors = false } = options;
  const gone = new AbortController();
  let hearingOut: NodeJS.Timeout | undefined;
  let sent = false;
  const onClose = () => {
    if (!observer.hearsOut || !sent) gone.abort();
    else hearingOut = setTimeout(() => gone.abort(), hearOutMs).unref();
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
    observer.head(status, reply.headers);
    const body = decoded(reply);
    if (keepErrors && status >= 400) {
      const kept = await keep(body, observer);
      return { status, sent, kept: { status, headers: reply.headers, body: kept } };
    }
    options.onAnswer?.();
    if (!response.destroyed) {
      response.writeHead(status, responseHeaders(reply.headers, body !== reply.body));
      response.flushHeaders();
    }
    await pass(body, response, observer);
    if (!reply.isWhole()) throw new Error('the upstream broke the reply off');
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
        message: `The gateway has no answer from the API${inBrackets(connectionCode(error))}.`,
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
    clearTimeout(hearingOut);
  }
}

/**
 * Why there is no answer, by its code alone (`ENOTFOUND`): messages name hosts and proxies, which are
 * not the agent's to know.
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

/** Reads an error to its end; what is beyond the limit is read and thrown away. */
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
  // What goes wrong with either shows on the decoder.
  return pipeline(body, decoder, () => {});
}

/** Hands on each chunk as it comes; resolves at the end. Streams joined by `pipeline` cost a turn each. */
async function pass(body: Readable, response: ServerResponse, observer: ReplyObserver) {
  let unheard = 0;
  await new Promise<void>((resolve, reject) => {
    body.once('end', resolve);
    body.on('error', reject);
    body.once('close', () => reject(new Error('the reply was closed before its end')));
    // That the agent has gone is no fault of the reply's.
    response.on('error', () => {});
    response.on('drain', () => body.resume());
    response.on('close', () => body.resume());
    body.on('data', (chunk: Buffer) => {
      try {
        observer.chunk(chunk);
      } catch (error) {
        // What cannot be counted is not handed on.
        return reject(error);
      }
      if (!response.destroyed) {
        if (!response.write(chunk)) body.pause();
        return;
      }
      unheard += chunk.length;
      if (!observer.hearsOut || unheard > HEAR_OUT_BYTES) reject(new Error('the agent has gone'));
    });
  });
}
