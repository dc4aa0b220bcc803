import { type AgentPhase, EXIT, type ExitCode } from '@agentteam/contract';

/** How an agent's step ended. */
export interface StepResult {
  readonly exitCode: ExitCode | typeof TERMINATED;
  /** For people who read the step's log or status: why it failed, or what they should know about it. */
  readonly message?: string;
  /** The agent's report, or its last text. */
  readonly report?: string;
  /** Whether the last thing that the agent did was to write to the lead. */
  readonly leadIsInformed?: boolean;
}

/** The exit code that shells use for a process that SIGTERM ended. */
export const TERMINATED = 143;

export const COMPLETED: StepResult = { exitCode: EXIT.ok };

/** @param isFinal whether no further attempt follows. */
export function phaseOf({ exitCode }: StepResult, isFinal: boolean): AgentPhase {
  if (exitCode === EXIT.ok) return 'completed';
  if (exitCode === TERMINATED || exitCode === EXIT.budget) return 'stopped';
  return isFinal ? 'failed' : 'stopped';
}
