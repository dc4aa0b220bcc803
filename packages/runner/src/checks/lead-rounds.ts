import type { AgentSpec } from '@agentteam/contract';

/** The lead, ready to put right what the checks find, with its gateway beside this step. */
export interface LeadRounds {
  /** Aborts when the gateway has ended and does not come back. */
  readonly lost: AbortSignal;
  /**
   * Gives the lead one more turn, in the session that it had: starts its process again, feeds it the
   * message, and settles when the turn has ended.
   */
  run(message: string): Promise<void>;
  /** Ends what was opened. */
  close(): void;
}

export type OpenLeadRounds = (
  lead: AgentSpec,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
) => Promise<LeadRounds>;
