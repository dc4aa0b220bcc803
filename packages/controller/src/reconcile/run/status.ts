import type { AgentTeamRunStatus } from '@agentteam/api';
import type { CachedRun, CachedTeam } from '../cached-resource.ts';
import { withConditions } from '../conditions.ts';
import { isEnded } from '../phases.ts';

/** Whether a run has its team, and why not. */
export type RunState =
  | { readonly kind: 'created'; readonly team: CachedTeam }
  /** Somebody deleted the team of the run. */
  | { readonly kind: 'deleted' }
  | {
      readonly kind: 'refused';
      readonly reason: 'Invalid' | 'TemplateNotFound' | 'NameTaken' | 'Refused';
      readonly message: string;
      /** Whether the run cannot start until it or its template changes. */
      readonly final: boolean;
    };

/** Derives a run's status from its team, or from the reason why it has no team. */
export function runStatus(run: CachedRun, state: RunState, at: string): AgentTeamRunStatus {
  const observedGeneration = run.metadata.generation ?? 0;
  switch (state.kind) {
    case 'created': {
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
            message: `AgentTeam ${name} was created.`,
          },
        ]),
        observedGeneration,
      };
    }
    case 'deleted': {
      const before = run.status ?? {};
      if (isEnded(before.phase)) return before;
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
