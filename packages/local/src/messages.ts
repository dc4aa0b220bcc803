/**
 * What Argo 4.1 writes as a node's or a workflow's message, word for word (workflow/controller):
 * people search for these texts, and our own status reads them.
 */
export const MESSAGES = {
  omitted: 'omitted: depends condition not met',
  skipped: (when: string): string => `when '${when}' evaluated false`,
  exit: (container: string, code: number): string => `${container}: Error (exit code ${code})`,
  deadline: 'Step exceeded its deadline',
  stopped: (strategy: string): string => `Stopped with strategy '${strategy}'`,
  /** Argo itself has two spaces here for a step that is running. */
  shutdown: (strategy: string): string => `workflow shutdown with strategy:  ${strategy}`,
  noMoreRetries: 'No more retries left',
  notRetried: 'retryStrategy.expression evaluated to false',
} as const;
