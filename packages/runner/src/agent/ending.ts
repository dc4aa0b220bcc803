import type { AgentPhase } from '@agentteam/contract';
import { EXIT, type ExitCode } from '@agentteam/contract';

/** How an agent's step ends. */
export interface Ending {
  readonly exitCode: ExitCode | typeof TERMINATED;
  /** In words, for people who read the step's log or status; of one that completed, what they should know. */
  readonly message?: string;
  /** What its agent reported, or said last. */
  readonly report?: string;
  /** Whether the agent's last work was to write to the lead. */
  readonly leadKnows?: boolean;
}

/** The step was told to end (SIGTERM): as a shell reports it. */
export const TERMINATED = 143;

export const COMPLETED: Ending = { exitCode: EXIT.ok };

/** @param final whether no further attempt follows. */
export function phaseOf(ending: Ending, final: boolean): AgentPhase {
  if (ending.exitCode === EXIT.ok) return 'completed';
  if (ending.exitCode === TERMINATED || ending.exitCode === EXIT.budget) return 'stopped';
  return final ? 'failed' : 'stopped';
}
