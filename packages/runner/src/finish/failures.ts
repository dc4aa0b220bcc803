import { STEPS, stepReasons, type TeamLive } from '@agentteam/contract';

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
 * Adds why their steps failed to agents that could not write a reason themselves, for example because
 * their setup or their gateway failed. A stopped agent, whose budget is spent for example, gets no other attempt: its
 * step has failed, as the status says.
 */
export function withReasons(live: TeamLive, failures: readonly Failure[]): TeamLive {
  const reasons = stepReasons(failures);
  const agents = live.agents.map((agent) => {
    const { name, role, phase, message } = agent;
    const reason = reasons.get(role === 'lead' ? STEPS.lead : name);
    const hasFailed = phase === 'failed' || phase === 'stopped';
    const hasNone = phase === 'waiting' || (hasFailed && message === undefined);
    return {
      ...agent,
      ...(hasFailed && { phase: 'failed' as const }),
      ...(hasNone && reason !== undefined && { phase: 'failed' as const, message: reason }),
    };
  });
  return { ...live, agents };
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
