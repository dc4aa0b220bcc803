import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../problem.ts';

/** Gates that are mailed, where it is known that there is no mail server: nobody would hear of them. */
export function checkMailServer({ spec }: AgentTeam): readonly Problem[] {
  return (spec.lifecycle.approvalGates ?? []).flatMap(({ channel }, index): Problem[] => {
    if (channel !== 'email') return [];
    return [
      {
        code: 'needs-mail-server',
        path: ['spec', 'lifecycle', 'approvalGates', index, 'channel'],
        message: 'the controller has no mail server: nobody would be told',
        hint: 'set AGENTTEAM_SMTP_URL_FILE and AGENTTEAM_SMTP_FROM of the controller, or use channel: webhook',
      },
    ];
  });
}
