import type { AgentTeam } from '@agentteam/api';
import { END_EVENTS, endEventOf } from '@agentteam/contract';
import type { Problem } from '../problem.ts';

/** Ends that a webhook asks to be told of: one that never comes would be waited for in vain. */
export function checkNotifications({ spec }: AgentTeam): readonly Problem[] {
  return (spec.observability?.webhook?.events ?? []).flatMap((name, index): Problem[] => {
    if (endEventOf(name) !== undefined) return [];
    return [
      {
        code: 'unknown-notification',
        path: ['spec', 'observability', 'webhook', 'events', index],
        message: `no webhook is told of \`${name}\``,
        hint: `it is told how a team ended: ${END_EVENTS.join(', ')}; of a gate its own webhookUrl is`,
      },
    ];
  });
}
