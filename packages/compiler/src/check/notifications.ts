import type { AgentTeam } from '@agentteam/api';
import { WEBHOOK_EVENTS, webhookEventOf } from '@agentteam/contract';
import type { Problem } from '../problem.ts';

/** Events that a webhook asks to be told of: it would wait for an unknown one in vain. */
export function checkNotifications({ spec }: AgentTeam): readonly Problem[] {
  return (spec.observability?.webhook?.events ?? []).flatMap((name, index): Problem[] => {
    if (webhookEventOf(name) !== undefined) return [];
    return [
      {
        code: 'unknown-notification',
        path: ['spec', 'observability', 'webhook', 'events', index],
        message: `no webhook is told of \`${name}\``,
        hint: `use ${WEBHOOK_EVENTS.join(', ')}; the webhookUrl of a gate is told of that gate`,
      },
    ];
  });
}
