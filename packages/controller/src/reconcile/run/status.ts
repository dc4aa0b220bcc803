import type { AgentTeamRunStatus } from '@agentteam/api';
import { withConditions } from '../conditions.ts';
import type { StoredRun, StoredTeam } from '../stored.ts';

/** How a run stands. */
export type RunState =
  | { readonly kind: 'made'; readonly team: StoredTeam }
  /** Somebody deleted the team that had been made of it. */
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'refused';
      readonly reason: 'Invalid' | 'TemplateNotFound' | 'NameTaken' | 'Refused';
      readonly message: string;
      /** Whether only a change of the run or its template makes it worth another try. */
      readonly final: boolean;
    };

const ENDED = new Set(['Completed', 'Failed', 'TimedOut', 'BudgetExceeded']);

/** A run's status: what its team's says, or why there is none. Pure. */
export function runStatus(run: StoredRun, state: RunState, at: string): AgentTeamRunStatus {
  const observedGeneration = run.metadata.generation ?? 0;
  switch (state.kind) {
    case 'made': {
      const { name } = state.team.metadata;
      const { status = {} } = state.team;
      const { phase, message, startedAt, completedAt, ready, tasks, totalTokensUsed } = status;
      const { estimatedCost, cost, pullRequest, consolidatedBranch, conditions = [] } = status;
      const figures = {
        ...{ phase, message, startedAt, completedAt, ready, tasks, totalTokensUsed },
        ...{ estimatedCost, cost, pullRequest, consolidatedBranch },
      };
      const present = Object.entries(figures).filter(([, value]) => value !== undefined);
      const complete = conditions.filter(({ type }) => type === 'Complete');
      return {
        team: name,
        ...Object.fromEntries(present),
        conditions: withConditions(run, [], at, [
          ...complete,
          {
            type: 'Started',
            status: 'True',
            reason: 'TeamCreated',
            message: `AgentTeam ${name} was made of it.`,
          },
        ]),
        observedGeneration,
      };
    }
    case 'gone': {
      const before = run.status ?? {};
      if (ENDED.has(before.phase ?? '')) return before;
      const message = 'The AgentTeam was deleted while it was running.';
      return {
        ...before,
        phase: 'Failed',
        message,
        completedAt: at,
        conditions: withConditions(run, before.conditions, at, [
          { type: 'Complete', status: 'False', reason: 'TeamDeleted', message },
        ]),
        observedGeneration,
      };
    }
    case 'refused': {
      const { reason, message, final } = state;
      const [summary = message] = message.split('\n');
      return {
        phase: final ? 'Failed' : 'Pending',
        message: summary,
        conditions: withConditions(run, [], at, [
          {
            type: 'Complete',
            status: final ? 'False' : 'Unknown',
            reason: 'NotStarted',
            message: summary,
          },
          { type: 'Started', status: 'False', reason, message },
        ]),
        observedGeneration,
      };
    }
  }
}
