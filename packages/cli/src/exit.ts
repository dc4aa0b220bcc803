/** Exit codes of `agentteam`. docs/cli.md and the help of every command list them. */
export const CLI_EXIT = {
  completed: 0,
  failed: 1,
  usage: 2,
  rejected: 3,
  timedOut: 4,
  budgetExceeded: 5,
  /** A disk is full or not writable. An interrupted run can be resumed. */
  storage: 6,
  /** `--timeout` expired; the code that `timeout` of coreutils uses. */
  waitExpired: 124,
  interrupted: 130,
} as const;

const OUTCOMES = `
Exit codes:
  0    the team completed
  1    the team failed or was stopped
  2    wrong usage or an invalid file
  3    an approval was rejected
  4    the team exceeded its timeout
  5    the team spent its budget
  6    a disk is full or not writable; resume the run later
`;

const INTERRUPTED = `  130  interrupted; resume or watch the team again
`;

/** Exit codes of commands that show a team until it has ended, for the end of their help. */
export const RUN_EXITS: string = `${OUTCOMES}${INTERRUPTED}`;

/** {@link RUN_EXITS} of commands with `--timeout`. */
export const WAIT_EXITS: string = `${OUTCOMES}  124  --timeout expired; the team is still running
${INTERRUPTED}`;

/** Exit codes of all other commands. */
export const PLAIN_EXITS = `
Exit codes:
  0  success
  1  the command failed
  2  wrong usage or an invalid file
  6  a disk is full or not writable
`;
