import { ARGO_MESSAGES, type Workflow } from '@agentteam/argo';

/** A Workflow was stopped or has reached its deadline. The messages are Argo's, by kind of node. */
export interface Shutdown {
  readonly messages: {
    readonly runningPod: string;
    /** For a pod that has not started. */
    readonly pendingPod: string;
    /** For the node of a step with a retry strategy, the parent of its attempts. */
    readonly retriedStep: string;
    readonly gate: string;
  };
  /** Whether the exit handler ends, too. */
  readonly endsExitHandler: boolean;
}

/**
 * @param elapsedSince milliseconds for which the Workflow has been running since a time.
 * @returns undefined while the Workflow may continue.
 */
export function shutdownOf(
  { spec, status }: Workflow,
  elapsedSince: (start: number) => number,
): Shutdown | undefined {
  const { shutdown, activeDeadlineSeconds } = spec;
  if (shutdown !== undefined) {
    return {
      messages: {
        runningPod: ARGO_MESSAGES.shutdown(shutdown),
        pendingPod: ARGO_MESSAGES.shutdownBefore(shutdown),
        retriedStep: ARGO_MESSAGES.stopped(shutdown),
        gate: ARGO_MESSAGES.stopped(shutdown),
      },
      endsExitHandler: shutdown === 'Terminate',
    };
  }
  if (activeDeadlineSeconds === undefined || status?.startedAt === undefined) return undefined;
  const lateMs = elapsedSince(Date.parse(status.startedAt)) - activeDeadlineSeconds * 1000;
  if (lateMs < 0) return undefined;
  return {
    messages: {
      runningPod: ARGO_MESSAGES.deadline,
      pendingPod: ARGO_MESSAGES.deadline,
      retriedStep: ARGO_MESSAGES.retryDeadline(new Date(Date.now() - lateMs)),
      gate: ARGO_MESSAGES.deadline,
    },
    endsExitHandler: false,
  };
}
