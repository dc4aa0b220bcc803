/**
 * Exit codes of the runner's commands. Argo shows one as `Error (exit code N)` on the step. The compiled
 * `retryStrategy` uses it to decide whether another attempt can help.
 */
export const EXIT = {
  ok: 0,
  /** A failure that another attempt may overcome: a lost process, an API outage. */
  failed: 1,
  /** The step's spec cannot be read or satisfied. */
  invalid: 64,
  /** A teammate left changes outside its scope and did not undo them when asked. */
  scope: 65,
  /** An agent ended with open tasks of its own and did not close them when asked. */
  unfinished: 66,
  /** Branches could not be merged, not even by the lead. */
  conflict: 67,
  /** The remote refused the credentials, or its host key did not match. A person must change something. */
  refused: 68,
  /** The agent reported that it failed. */
  reportedFailed: 72,
  /** The agent reported that it needs a decision or a change by a person. */
  reportedBlocked: 73,
  /** The lead ended without a report although it was asked for one, or an agent's reports named no valid outcome. */
  unreported: 74,
  /** The provider's limit is reached or the balance is exhausted, and `onProviderLimit` is `fail`. */
  limited: 75,
  /** A quality gate failed after its last round. */
  checks: 76,
  /** The team's or the agent's budget is spent. */
  budget: 77,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Exit codes after which Argo starts no further attempt. A person, or `agentteam retry`, continues. */
export const FINAL_EXITS: readonly number[] = [
  EXIT.invalid,
  EXIT.scope,
  EXIT.unfinished,
  EXIT.conflict,
  EXIT.refused,
  EXIT.reportedFailed,
  EXIT.reportedBlocked,
  EXIT.unreported,
  EXIT.limited,
  EXIT.checks,
  EXIT.budget,
];
