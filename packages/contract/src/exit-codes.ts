/**
 * How a runner command ends. Argo shows the number as `Error (exit code N)` on the step; the
 * compiled `retryStrategy` reads it to tell what another attempt could mend from what it could not.
 */
export const EXIT = {
  ok: 0,
  /** Something broke that another attempt may mend: a lost process, an API outage. */
  failed: 1,
  /** The step was given a spec that it cannot read or satisfy. */
  invalid: 64,
  /** A teammate left changes outside its scope and did not put them right when asked. */
  scope: 65,
  /** An agent ended its turns with tasks of its own still open, and did not close them when asked. */
  unfinished: 66,
  /** Branches that could not be merged, also by the lead. */
  conflict: 67,
  /** Credentials, host key or remote refused: a person has to change something. */
  refused: 68,
  /** The agent reported that it failed. */
  reportedFailed: 72,
  /** The agent reported that it cannot go on without a decision or a change by a person. */
  reportedBlocked: 73,
  /** The lead ended without a report, although it was asked for one: nobody knows how the team ended. */
  unreported: 74,
  /** The provider's limit is reached or the balance is exhausted, and `onProviderLimit` is `fail`. */
  limited: 75,
  /** A quality gate failed after its last round. */
  checks: 76,
  /** The team, or this agent, has spent its budget. */
  budget: 77,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Exit codes that a retry repeats for nothing. A person, or `agentteam retry`, goes on from there. */
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
