import type { AgentPhase } from '@agentteam/contract';
import { EXIT, type ExitCode } from '@agentteam/contract';

/** How an agent's step ends. */
export interface Ending {
  readonly exitCode: ExitCode | typeof TERMINATED;
  /** In words, for whoever reads the step's log or status. */
  readonly message?: string;
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
