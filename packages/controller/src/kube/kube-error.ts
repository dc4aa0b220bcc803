/** The API server refused a request: with its HTTP status, and with what it said. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: number;

  /** @param text the answer's body: a `Status` of the API, or what a proxy in between wrote. */
  constructor(code: number, text: string) {
    super(messageOf(text) ?? `HTTP status ${code}`);
    this.code = code;
  }
}

/** HTTP status of a refused request, or undefined when it got no answer at all. */
export function httpStatus(error: unknown): number | undefined {
  return error instanceof KubeError ? error.code : undefined;
}

/** What went wrong, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Characters kept of an answer that is no `Status`. */
const MAX_OTHER = 200;

function messageOf(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === 'string' && message !== '' ? message : undefined;
  } catch {
    return text.trim().slice(0, MAX_OTHER) || undefined;
  }
}
