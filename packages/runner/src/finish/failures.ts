import { STEPS } from '@agentteam/contract';

/** A node of the Workflow that ended badly. */
export interface Failure {
  /** Argo's message, such as `main: Error (exit code 1)`. */
  readonly message: string;
  /** `Finish(0)` is an earlier attempt at this very step. */
  readonly displayName?: string;
  /** ISO 8601. */
  readonly finishedAt?: string | null;
}

/** When the last of them ended, ISO 8601; empty where there is none. The same for each attempt at this step. */
export function lastOf(failures: readonly Failure[]): string {
  const ends = failures
    .filter(({ displayName }) => !displayName?.startsWith(STEPS.finish))
    .map(({ finishedAt }) => finishedAt ?? '');
  return ends.toSorted().at(-1) ?? '';
}

/**
 * Reads Argo's `workflow.failures` (https://argo-workflows.readthedocs.io/en/latest/variables/#exit-handler),
 * which is JSON that Go has quoted, from base64. What does not fit in was cut off: what stands whole in
 * front of that counts. Who cannot read it knows less about why a team failed, and that is all.
 */
export function readFailures(encoded: string): readonly Failure[] {
  const json = unquoted(Buffer.from(encoded, 'base64').toString());
  // Nobody's words have such quotes: in JSON theirs have a backslash before them.
  const whole = json.endsWith(']') ? json : `${json.slice(0, json.lastIndexOf('},{"'))}}]`;
  try {
    const value: unknown = JSON.parse(whole);
    return Array.isArray(value) ? value.filter(isFailure) : [];
  } catch {
    return [];
  }
}

/** What Go's strconv.Quote has quoted; of a text in JSON it escapes these alone. */
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
