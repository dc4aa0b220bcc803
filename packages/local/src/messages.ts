/**
 * The messages that Argo 4.1.2 writes into nodes and Workflows, word for word: people search for them, and
 * our status reads them. The sources named here are files below workflow/controller.
 */
export const MESSAGES = {
  /** dag.go, executeDAGTask */
  omitted: 'omitted: depends condition not met',
  /** dag.go, executeDAGTask */
  skipped: (when: string): string => `when '${when}' evaluated false`,
  /** operator.go, inferFailedReason; `Error` is the kubelet's reason, `text` the termination message. */
  exit: (container: string, code: number, text: string): string =>
    `${container}: Error (exit code ${code})${text === '' ? '' : `: ${text}`}`,
  /** operator.go, inferFailedReason: the pod was killed before this container started. */
  uninitialized: (container: string): string =>
    `Pod failed before ${container} container starts due to PodInitializing: `,
  /** exec_control.go for pods, operator.go for open gates. */
  deadline: 'Step exceeded its deadline',
  /** operator.go, processNodeRetries; the time as Go prints it. */
  retryDeadline: (deadline: Date): string =>
    `retry exceeded workflow deadline ${deadline.toISOString().replace('T', ' ').slice(0, 19)} +0000 UTC`,
  /** operator.go: the workflow itself, retried steps and open gates. */
  stopped: (strategy: string): string => `Stopped with strategy '${strategy}'`,
  /** exec_control.go, for a running pod. Argo writes two spaces here. */
  shutdown: (strategy: string): string => `workflow shutdown with strategy:  ${strategy}`,
  /** workflowpod.go, for a pod that was not created. Argo writes one space here. */
  shutdownBefore: (strategy: string): string => `workflow shutdown with strategy: ${strategy}`,
  /** operator.go, processNodeRetries */
  noMoreRetries: 'No more retries left',
  /** operator.go, processNodeRetries */
  backoff: (seconds: number): string => `Backoff for ${humanDuration(seconds)}`,
  /** operator.go, processNodeRetries */
  notRetried: 'retryStrategy.expression evaluated to false',
} as const;

/** Formats a duration like Argo's humanize.Duration: the two largest units. */
function humanDuration(seconds: number): string {
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
