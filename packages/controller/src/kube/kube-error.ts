import { plainText } from '@agentteam/contract';

/** The API server refused a request: with its HTTP status, and with what it said. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: number;
  /** How long the server asks to be left alone. */
  readonly retryAfterMs: number | undefined;

  /**
   * @param text the answer's body: a `Status` of the API, or what a proxy in between wrote.
   * @param retryAfter the header of that name.
   */
  constructor(code: number, text: string, retryAfter?: string) {
    super(messageOf(text) ?? `HTTP status ${code}`);
    this.code = code;
    this.retryAfterMs = secondsOf(retryAfter);
  }
}

/** An answer is longer than the one who asked is ready to read. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';

  constructor(what: string, maxBytes: number) {
    super(`${what}: the answer is longer than ${maxBytes} bytes`);
  }
}

/** No server is obeyed for longer: it may be a proxy that does not know better. */
const LONGEST_WAIT_SECONDS = 120;

function secondsOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined || !/^\d{1,9}$/.test(retryAfter)) return undefined;
  return Math.min(Number(retryAfter), LONGEST_WAIT_SECONDS) * 1000;
}

/** How long to wait before the request is made again, where the server has said so. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof KubeError ? error.retryAfterMs : undefined;
}

/** HTTP status of a refused request, or undefined when it got no answer at all. */
export function httpStatus(error: unknown): number | undefined {
  return error instanceof KubeError ? error.code : undefined;
}

/** What went wrong, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Characters kept of a message, and of an answer that is no `Status`. */
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
