import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** Timeout for the start of a reply: a model may think for minutes. */
export const SILENCE_MS: number = 15 * 60_000;

/** Timeout within a stream, which carries pings while the model thinks. */
const STREAM_SILENCE_MS = 5 * 60_000;

/** Timeout between two parts of a reply. */
export function silenceOf(headers: IncomingHttpHeaders): number {
  const isStream = String(headers['content-type']).includes('text/event-stream');
  return isStream ? STREAM_SILENCE_MS : SILENCE_MS;
}

/** Time for which a connection is kept open for the next request. */
export const IDLE_MS: number = 60_000;

export interface UpstreamRequest {
  readonly url: URL;
  readonly method: string;
  /** Without headers that concern a single connection, such as `transfer-encoding`. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Readable | Buffer | null;
  /** Breaks off the exchange, including the reply. */
  readonly signal: AbortSignal;
  /** Called when sending starts. Before that, the upstream cannot have seen the request. */
  readonly onSent: () => void;
}

export interface UpstreamReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** A body can end without an error although it is incomplete: see `isComplete`. */
  readonly body: Readable;
  /** Whether the upstream sent the whole body. Call this when the body has ended. */
  readonly isComplete: () => boolean;
}

/** The upstream has sent nothing for too long. */
export class SilenceError extends Error {
  override readonly name: string = 'SilenceError';
}

/** The upstream had closed a kept connection, and so has not seen the request. */
export class StaleConnectionError extends Error {
  override readonly name: string = 'StaleConnectionError';
}
