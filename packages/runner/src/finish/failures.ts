import { STEPS } from '@agentteam/contract';

/** A failed node of the Workflow. */
export interface Failure {
  /** Argo's message, for example `main: Error (exit code 1)`. */
  readonly message: string;
  /** The name of the step. `Finish(0)` is an earlier attempt at this step. */
  readonly displayName?: string;
  /** ISO 8601. */
  readonly finishedAt?: string | null;
}

/**
 * When the last failed node ended, ISO 8601; empty when none failed. All attempts at this step get the
 * same time.
 */
export function lastOf(failures: readonly Failure[]): string {
  const ends = failures
    .filter(({ displayName }) => !displayName?.startsWith(STEPS.finish))
    .map(({ finishedAt }) => finishedAt ?? '');
  return ends.toSorted().at(-1) ?? '';
}

/**
 * Reads Argo's `workflow.failures` (https://argo-workflows.readthedocs.io/en/latest/variables/#exit-handler),
 * which is JSON quoted by Go, in base64. A long list is cut off, and only its complete entries are
 * read. An unreadable list counts as empty.
 */
export function readFailures(encoded: string): readonly Failure[] {
  const json = unquoted(Buffer.from(encoded, 'base64').toString());
  // `},{"` starts an entry: within a message, its quote would have a backslash.
  const whole = json.endsWith(']') ? json : `${json.slice(0, json.lastIndexOf('},{"'))}}]`;
  try {
    const value: unknown = JSON.parse(whole);
    return Array.isArray(value) ? value.filter(isFailure) : [];
  } catch {
    return [];
  }
}

/** Reverses Go's strconv.Quote. In JSON text, these are the only escapes that it produces. */
function unquoted(text: string): string {
  return text
    .replace(/^"|"$/g, '')
    .replace(/\\(?:u([\da-f]{4})|U([\da-f]{8})|(["\\]))/g, (_, short, long, plain) =>
      plain === undefined ? String.fromCodePoint(Number.parseInt(short ?? long, 16)) : plain,
    );
}

function isFailure(value: unknown): value is Failure {
  return (
    typeof value === 'object' &&
    value !== null &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
