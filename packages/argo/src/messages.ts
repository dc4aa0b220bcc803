/**
 * The messages that Argo 4.1.2 writes into nodes and Workflows, word for word. The embedded engine
 * writes the same ones: people search for these texts, and the readers below tell by them how a team
 * ended. Each source is a file below workflow/controller of Argo's repository.
 */
export const ARGO_MESSAGES = {
  /** dag.go, executeDAGTask */
  omitted: 'omitted: depends condition not met',
  /** dag.go, executeDAGTask */
  skipped: (when: string): string => `when '${when}' evaluated false`,
  /** operator.go, inferFailedReason. `Error` is the kubelet's reason, `message` the container's own. */
  exit: (container: string, code: number, message: string): string =>
    `${container}: Error (exit code ${code})${message === '' ? '' : `: ${message}`}`,
  /** operator.go, inferFailedReason: the pod was killed before this container started. */
  uninitialized: (container: string): string =>
    `Pod failed before ${container} container starts due to PodInitializing: `,
  /** exec_control.go for pods, operator.go for open gates. */
  deadline: 'Step exceeded its deadline',
  /** operator.go, processNodeRetries. The time is in Go's format. */
  retryDeadline: (deadline: Date): string =>
    `retry exceeded workflow deadline ${deadline.toISOString().replace('T', ' ').slice(0, 19)} +0000 UTC`,
  /** operator.go: the Workflow itself, steps between attempts, and open gates. */
  stopped: (strategy: string): string => `Stopped with strategy '${strategy}'`,
  /** exec_control.go, for a running pod. Argo itself writes two spaces here. */
  shutdown: (strategy: string): string => `workflow shutdown with strategy:  ${strategy}`,
  /** workflowpod.go, for a pod that was not created because of the shutdown. One space. */
  shutdownBefore: (strategy: string): string => `workflow shutdown with strategy: ${strategy}`,
  /** operator.go, processNodeRetries */
  noMoreRetries: 'No more retries left',
  /** operator.go, processNodeRetries */
  backoff: (seconds: number): string => `Backoff for ${durationText(seconds)}`,
  /** operator.go, processNodeRetries */
  notRetried: 'retryStrategy.expression evaluated to false',
} as const;

/** Formats a duration as Argo's humanize.Duration does: its two largest units. */
function durationText(seconds: number): string {
  const units = [
    ['hour', Math.floor(seconds / 3600)],
    ['minute', Math.floor(seconds / 60) % 60],
    ['second', Math.floor(seconds) % 60],
  ] as const;
  const parts = units
    .filter(([, count]) => count > 0)
    .map(([unit, count]) => `${count} ${unit}${count === 1 ? '' : 's'}`);
  return parts.length === 0 ? '0 seconds' : parts.slice(0, 2).join(' ');
}

/** Whether the Workflow's deadline ended this node. */
export function isDeadlineMessage(message: string): boolean {
  return message === ARGO_MESSAGES.deadline;
}

/** Whether `argo stop` or `argo terminate` ended this node or Workflow. */
export function isStopMessage(message: string): boolean {
  return /^Stopped with strategy |^workflow shutdown with strategy: /.test(message);
}

/** Whether a pod ended before its main container started, or was never created. */
export function isNeverStartedMessage(message: string): boolean {
  return /^Pod failed before |^workflow shutdown with strategy: \S/.test(message);
}

/** How a container ended its pod. */
export interface ContainerExit {
  readonly container: string;
  readonly exitCode: number;
  /** The container's own termination message; absent where it left none. */
  readonly message?: string;
}

/**
 * Reads `main: Error (exit code 77): the container's own message`. The exit code is read from the
 * beginning alone, because the container's message may contain any number.
 * @returns undefined for any other message.
 */
export function readContainerExit(message: string): ContainerExit | undefined {
  const [, container, exitCode, own] =
    /^([^:]+): \S+ \(exit code (\d+)\)(?:: (.+))?/s.exec(message) ?? [];
  if (container === undefined) return undefined;
  return { container, exitCode: Number(exitCode), ...(own !== undefined && { message: own }) };
}

/** The name of a step, from the display name of its node or of an attempt at it: `Lead(0)` is `Lead`. */
export function stepNameOf(displayName: string): string {
  return displayName.replace(/\(\d+\)$/, '');
}
