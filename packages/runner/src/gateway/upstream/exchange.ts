import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/** A model may think for minutes before it says anything. */
export const SILENCE_MS: number = 15 * 60_000;

/** A stream carries pings while the model thinks: one that is silent for so long is dead. */
const STREAM_SILENCE_MS = 5 * 60_000;

/** How long a reply that has begun may say nothing. */
export function silenceOf(headers: IncomingHttpHeaders): number {
  const isStream = String(headers['content-type']).includes('text/event-stream');
  return isStream ? STREAM_SILENCE_MS : SILENCE_MS;
}

/** How long a connection is kept for the next request. */
export const IDLE_MS: number = 60_000;

export interface UpstreamRequest {
  readonly url: URL;
  readonly method: string;
  /** Without those of one connection: `connection`, `transfer-encoding`, … */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: IncomingMessage | Buffer | null;
  /** Breaks the exchange off, the reply too. */
  readonly signal: AbortSignal;
  /** Called when the request begins to leave: before that, the other side knows nothing of it. */
  readonly onSent: () => void;
}

export interface UpstreamReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Ends, or fails; `isWhole` tells an end that is none. */
  readonly body: Readable;
  /** To be asked when the body has ended: whether the upstream meant it to. */
  readonly isWhole: () => boolean;
}

/** The other side has said nothing for too long. */
export class SilenceError extends Error {
  override readonly name: string = 'SilenceError';
}

/** The other side had closed a kept connection before the request arrived: it has not seen it. */
export class StaleConnectionError extends Error {
  override readonly name: string = 'StaleConnectionError';
}
