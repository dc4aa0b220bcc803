const EXECUTORS = /^time=\S+ level=(debug|info) (?=.*\bargo=true\b)/i;

/**
 * Whether a line of a container's log is Argo's executor, which says that all is well: that it waits for
 * signals, that the process has ended. What it says of a fault stays.
 */
export function isExecutors(line: string): boolean {
  return EXECUTORS.test(line);
}
