import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Dispatcher } from 'undici';
import { sendApiError } from './api-error.ts';
import { responseHeaders } from './headers.ts';
import { decoderFor } from './usage/decode-body.ts';

/** Sees a reply pass. All of it has been seen before the agent gets the end. */
export interface ReplyObserver {
  head(status: number, headers: IncomingHttpHeaders): void;
  chunk(data: Buffer): void;
  end(): void;
}

export interface ForwardOptions {
  readonly dispatcher: Dispatcher;
  readonly url: URL;
  readonly method: string;
  readonly headers: Record<string, string | string[]>;
  readonly body: IncomingMessage | Buffer | null;
  readonly response: ServerResponse;
  /** Breaks the exchange off. */
  readonly signal: AbortSignal;
  readonly observer: ReplyObserver;
}

export interface ForwardOutcome {
  /** HTTP status of the reply; 0 when there was none. */
  readonly status: number;
  /** What broke it off, on whichever side. */
  readonly error?: Error;
}

/**
 * Sends a request on and streams the reply back, chunk by chunk, each side no faster than the other
 * takes it. A reply that breaks off upstream breaks off for the agent too, never ends as if whole; an
 * agent that goes away ends the request upstream. Never throws.
 */
export async function forward(options: ForwardOptions): Promise<ForwardOutcome> {
  const { dispatcher, url, method, headers, body, response, observer } = options;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, options.signal]);
  let status = 0;
  try {
    const reply = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: method as Dispatcher.HttpMethod,
      headers,
      body,
      signal,
    });
    status = reply.statusCode;
    const decoder = decoderFor(String(reply.headers['content-encoding'] ?? 'identity'));
    observer.head(status, reply.headers);
    response.writeHead(status, responseHeaders(reply.headers, decoder !== undefined));
    response.flushHeaders();
    const stages = decoder === undefined ? [reply.body] : [reply.body, decoder];
    await pipeline([...stages, tap(observer), response], { signal });
    return { status };
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy();
    } else {
      sendApiError(response, {
        status: 502,
        type: 'api_error',
        message: 'The gateway has no answer from the API.',
        retry: true,
      });
    }
    return { status, error: error as Error };
  }
}

function tap(observer: ReplyObserver): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      observer.chunk(chunk);
      done(null, chunk);
    },
    flush(done) {
      observer.end();
      done();
    },
  });
}
