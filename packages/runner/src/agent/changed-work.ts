import type { AgentState } from '@agentteam/contract';

/**
 * Whether an agent's state is of other work than its spec asks for: a retry has changed what the agent is
 * asked to do, or what it starts from, since it completed.
 * @param work digest in the spec; absent in the rosters of those who wait for nobody.
 */
export function isOutdated(state: AgentState, work: string | undefined): boolean {
  return work !== undefined && state.work !== undefined && state.work !== work;
}
