import type { AgentSpec } from '@agentteam/contract';

/**
 * Gives the lead one more turn, in the session that it had: starts its process again, feeds it the
 * message, and settles when the turn has ended. The gateway stands beside this step as it stood
 * beside the lead's.
 */
export type LeadRound = (
  lead: AgentSpec,
  message: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
) => Promise<void>;
