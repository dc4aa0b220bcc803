import type { AgentTeam } from '@agentteam/api';
import { WEBHOOK_EVENTS, webhookEventOf } from '@agentteam/contract';
import type { Problem } from '../problem.ts';

/** Checks the names of the events that a webhook asks for. */
export function checkNotifications({ spec }: AgentTeam): readonly Problem[] {
  return (spec.observability?.webhook?.events ?? []).flatMap((name, index): Problem[] => {
    if (webhookEventOf(name) !== undefined) return [];
    return [
      {
        code: 'unknown-notification',
        path: ['spec', 'observability', 'webhook', 'events', index],
        message: `unknown webhook event \`${name}\``,
        hint: `use ${WEBHOOK_EVENTS.join(', ')}; for a gate, set its webhookUrl`,
      },
    ];
  });
}
