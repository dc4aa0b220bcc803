import type { TeamLive } from '@agentteam/contract';

/** How a team ended, as webhooks name it. */
export type FinishEvent = 'completed' | 'failed' | 'budget-exceeded';

export interface Outcome {
  readonly event: FinishEvent;
  readonly words: string;
}

/** @param status the Workflow's: `Succeeded`, `Failed` or `Error`. */
export function outcomeOf(status: string, { stop }: TeamLive): Outcome {
  if (status === 'Succeeded') return { event: 'completed', words: 'completed' };
  if (stop?.reason === 'budget') {
    return { event: 'budget-exceeded', words: 'stopped at its budget' };
  }
  return { event: 'failed', words: 'failed' };
}
