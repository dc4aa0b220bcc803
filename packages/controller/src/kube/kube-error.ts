import { plainText } from '@agentteam/contract';
import { retryAfter as parseRetryAfter } from '@agentteam/notify';

/** Thrown when the API server refuses a request. It carries the HTTP status and the server's message. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: number;
  /** The server's `Retry-After`, in ms. */
  readonly retryAfterMs: number | undefined;

  /**
   * @param text the body of the reply: a `Status`, or the text of a proxy.
   * @param retryAfter the header `Retry-After`.
   */
  constructor(code: number, text: string, retryAfter?: string) {
    super(messageOf(text) ?? `HTTP status ${code}`);
    this.code = code;
    const after = parseRetryAfter(retryAfter);
    this.retryAfterMs = after === undefined ? undefined : Math.min(after, LONGEST_WAIT_MS);
  }
}

/** Thrown when a reply exceeds the limit of its reader. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';

  constructor(what: string, maxBytes: number) {
    super(`${what}: the reply is longer than ${maxBytes} bytes`);
  }
}

/** Longest `Retry-After` to respect, in ms: a misconfigured proxy may ask for hours. */
const LONGEST_WAIT_MS = 120_000;

/** How many ms the server asks to wait before the next request; undefined if it does not say. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof KubeError ? error.retryAfterMs : undefined;
}

/** HTTP status of a refused request; undefined if there was no reply. */
export function httpStatus(error: unknown): number | undefined {
  return error instanceof KubeError ? error.code : undefined;
}

/** The message of an error, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Longest message to keep of a `Status`, and of another body. */
const MAX_MESSAGE = 4096;
const MAX_OTHER = 200;

function messageOf(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === 'string' && message !== ''
      ? plainText(message, MAX_MESSAGE)
      : undefined;
  } catch {
    return plainText(text.trim(), MAX_OTHER) || undefined;
  }
}
