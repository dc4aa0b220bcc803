/** A node of the Workflow that ended badly. */
export interface Failure {
  /** Argo's message, such as `main: Error (exit code 1)`. */
  readonly message: string;
  /** `team.onExit(0)` is an earlier attempt at this very step. */
  readonly displayName?: string;
  /** ISO 8601. */
  readonly finishedAt?: string | null;
}

/** When the last of them ended, ISO 8601; empty where there is none. The same for each attempt at this step. */
export function lastOf(failures: readonly Failure[]): string {
  const ends = failures
    .filter(({ displayName }) => !displayName?.includes('.onExit'))
    .map(({ finishedAt }) => finishedAt ?? '');
  return ends.toSorted().at(-1) ?? '';
}

/**
 * Reads `{{workflow.failures}}`: JSON in quotes, so that it survives the substitution
 * (https://argo-workflows.readthedocs.io/en/latest/variables/#exit-handler). Who cannot read it
 * knows less about why a team failed, and that is all.
 */
export function readFailures(text: string): readonly Failure[] {
  let value: unknown = text;
  try {
    for (let layer = 0; layer < 2 && typeof value === 'string'; layer += 1) {
      value = JSON.parse(value);
    }
  } catch {
    return [];
  }
  return Array.isArray(value) ? value.filter(isFailure) : [];
}

function isFailure(value: unknown): value is Failure {
  return (
    typeof value === 'object' &&
    value !== null &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
