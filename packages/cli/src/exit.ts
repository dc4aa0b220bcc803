/** How `agentteam` ends. Documented in docs/cli.md and at the foot of every command's help. */
export const CLI_EXIT = {
  completed: 0,
  failed: 1,
  usage: 2,
  rejected: 3,
  timedOut: 4,
  budgetExceeded: 5,
  /** A disk is full, read-only or forbidden; a run that was under way can be resumed. */
  storage: 6,
  /** `--timeout` was over first; as with coreutils' `timeout`. */
  waitedLongEnough: 124,
  interrupted: 130,
} as const;

/** Lines for the foot of a command's help. */
export const RUN_EXITS = `
Exit codes:
  0  the team completed
  1  the team failed, or was stopped
  2  wrong usage, or an invalid file
  3  an approval was refused
  4  the team ran into its timeout
  5  the team spent its budget
  6  a disk is full or cannot be written; the run can be resumed
  130  interrupted; the team can be resumed, or watched again
`;

/** The line that is added where there is a limit to waiting. */
export const WAIT_EXIT = `  124  --timeout was over first; the team goes on
`;

export const PLAIN_EXITS = `
Exit codes:
  0  done
  1  it could not be done
  2  wrong usage, or an invalid file
  6  a disk is full or cannot be written
`;
