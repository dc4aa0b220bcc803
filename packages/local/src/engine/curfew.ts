import { ARGO_MESSAGES, type Workflow } from '@agentteam/argo';

/** Nothing may go on any more, and what is said of it: by kind of node, as Argo does. */
export interface Curfew {
  /** Of a pod that runs. */
  readonly pod: string;
  /** Of a pod that was not begun yet. */
  readonly unbegun: string;
  /** Of a step that is retried, over its attempts. */
  readonly retried: string;
  readonly gate: string;
  /** Whether the exit handler ends as well. */
  readonly all: boolean;
}

/**
 * Undefined while a Workflow may go on.
 * @param elapsedSince for how many milliseconds it has gone on since then.
 */
export function curfewOf(
  { spec, status }: Workflow,
  elapsedSince: (begun: number) => number,
): Curfew | undefined {
  const { shutdown, activeDeadlineSeconds } = spec;
  if (shutdown !== undefined) {
    return {
      pod: ARGO_MESSAGES.shutdown(shutdown),
      unbegun: ARGO_MESSAGES.shutdownBefore(shutdown),
      retried: ARGO_MESSAGES.stopped(shutdown),
      gate: ARGO_MESSAGES.stopped(shutdown),
      all: shutdown === 'Terminate',
    };
  }
  if (activeDeadlineSeconds === undefined || status?.startedAt === undefined) return undefined;
  const late = elapsedSince(Date.parse(status.startedAt)) - activeDeadlineSeconds * 1000;
  if (late < 0) return undefined;
  return {
    pod: ARGO_MESSAGES.deadline,
    unbegun: ARGO_MESSAGES.deadline,
    retried: ARGO_MESSAGES.retryDeadline(new Date(Date.now() - late)),
    gate: ARGO_MESSAGES.deadline,
    all: false,
  };
}
