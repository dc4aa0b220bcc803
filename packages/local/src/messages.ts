/**
 * What Argo 4.1.2 writes as a node's or a workflow's message, word for word: people search for these
 * texts, and our own status reads them. Sources are files below workflow/controller there.
 */
export const MESSAGES = {
  /** dag.go, executeDAGTask */
  omitted: 'omitted: depends condition not met',
  /** dag.go, executeDAGTask */
  skipped: (when: string): string => `when '${when}' evaluated false`,
  /** operator.go, inferFailedReason; `Error` is the kubelet's reason, `words` the container's own. */
  exit: (container: string, code: number, words: string): string =>
    `${container}: Error (exit code ${code})${words === '' ? '' : `: ${words}`}`,
  /** operator.go, inferFailedReason: something before this container, which never started, was killed. */
  uninitialized: (container: string): string =>
    `Pod failed before ${container} container starts due to PodInitializing: `,
  /** exec_control.go for pods, operator.go for open gates. */
  deadline: 'Step exceeded its deadline',
  /** operator.go, processNodeRetries; the time as Go prints it. */
  retryDeadline: (deadline: Date): string =>
    `retry exceeded workflow deadline ${deadline.toISOString().replace('T', ' ').slice(0, 19)} +0000 UTC`,
  /** operator.go: the workflow itself, retried steps and open gates. */
  stopped: (strategy: string): string => `Stopped with strategy '${strategy}'`,
  /** exec_control.go, a pod that runs; Argo itself has two spaces here. */
  shutdown: (strategy: string): string => `workflow shutdown with strategy:  ${strategy}`,
  /** workflowpod.go, a pod that was not made any more; one space. */
  shutdownBefore: (strategy: string): string => `workflow shutdown with strategy: ${strategy}`,
  /** operator.go, processNodeRetries */
  noMoreRetries: 'No more retries left',
  /** operator.go, processNodeRetries */
  backoff: (seconds: number): string => `Backoff for ${durationWords(seconds)}`,
  /** operator.go, processNodeRetries */
  notRetried: 'retryStrategy.expression evaluated to false',
} as const;

/** As Argo's humanize.Duration writes a time: its two largest units. */
function durationWords(seconds: number): string {
  const units = [
    ['hour', Math.floor(seconds / 3600)],
    ['minute', Math.floor(seconds / 60) % 60],
    ['second', Math.floor(seconds) % 60],
  ] as const;
  const words = units
    .filter(([, count]) => count > 0)
    .map(([unit, count]) => `${count} ${unit}${count === 1 ? '' : 's'}`);
  return words.length === 0 ? '0 seconds' : words.slice(0, 2).join(' ');
}
