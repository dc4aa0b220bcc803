import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { sendApiError } from './api-error.ts';
import { responseHeaders } from './headers.ts';
import type { UpstreamReply, UpstreamRequest } from './upstream/exchange.ts';
import type { Upstream } from './upstream/upstream.ts';
import { decoderFor } from './usage/decode-body.ts';

/** Sees a reply pass. All of it has been seen before the agent gets the end. */
export interface ReplyObserver {
  head(status: number, headers: IncomingHttpHeaders): void;
  chunk(data: Buffer): void;
  end(): void;
  /** Whether what the reply costs is known by now. Until then an agent that leaves does not end it. */
  readonly priced: boolean;
}

export interface ForwardOptions extends UpstreamRequest {
  readonly upstream: Upstream;
  readonly response: ServerResponse;
  readonly observer: ReplyObserver;
}

export interface ForwardOutcome {
  /** HTTP status of the reply; 0 when there was none. */
  readonly status: number;
  /** What broke it off, on whichever side. */
  readonly error?: Error;
  /** It was sent, and the signal ended it before the API had said what it costs. */
  readonly unpriced?: true;
}

/**
 * Sends a request on and streams the reply back, chunk by chunk, each side no faster than the other
 * takes it. A reply that breaks off upstream breaks off for the agent too, never ends as if whole. An
 * agent that goes away ends the request upstream, but not before the API has said what it cost: who
 * leaves early would read for free. Never throws.
 */
export async function forward(options: ForwardOptions): Promise<ForwardOutcome> {
  const { upstream, response, observer } = options;
  const gone = new AbortController();
  response.once('close', () => {
    if (observer.priced || !isSent(options.body)) gone.abort();
  });
  const signal = AbortSignal.any([gone.signal, options.signal]);
  let status = 0;
  if (response.destroyed || signal.aborted) return { status, error: new Error('nothing was sent') };
  try {
    const reply = await upstream.send({ ...options, signal });
    status = reply.status;
    const body = decoded(reply);
    observer.head(status, reply.headers);
    if (!response.destroyed) {
      response.writeHead(status, responseHeaders(reply.headers, body !== reply.body));
      response.flushHeaders();
    }
    await pass(body, response, observer);
    if (!reply.isWhole()) throw new Error('the upstream broke the reply off');
    observer.end();
    response.end();
    return { status };
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy();
    } else {
      sendApiError(response, {
        status: 502,
        type: 'api_error',
        message: `The gateway has no answer from the API${reasonOf(error)}.`,
        retry: true,
      });
    }
    gone.abort();
    const unpriced = options.signal.aborted && !observer.priced;
    return { status, error: error as Error, ...(unpriced ? { unpriced } : {}) };
  }
}

/** A request that its agent has broken off in the middle can only be ended. */
function isSent(body: UpstreamRequest['body']): boolean {
  return body === null || Buffer.isBuffer(body) || body.readableEnded;
}

/** Why, by its code alone (`ENOTFOUND`): messages name hosts and proxies, which are not the agent's to know. */
function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? ` (${code})` : '';
}

function decoded({ headers, body }: UpstreamReply): Readable {
  const decoder = decoderFor(headers['content-encoding']);
  if (decoder === undefined) return body;
  // What goes wrong with either shows on the decoder.
  return pipeline(body, decoder, () => {});
}

/** Hands on each chunk as it comes; resolves at the end. Streams joined by `pipeline` cost a turn each. */
async function pass(body: Readable, response: ServerResponse, observer: ReplyObserver) {
  await new Promise<void>((resolve, reject) => {
    body.once('end', resolve);
    body.on('error', reject);
    body.once('close', () => reject(new Error('the reply was closed before its end')));
    response.on('error', reject);
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
      } else if (observer.priced) {
        reject(new Error('the agent has gone'));
      }
    });
  });
}
