import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../problem.ts';
import type { CompileOptions } from '../resolve/options.ts';

/** Refuses gates with the channel `email` where the controller is known to have no mail server. */
export function checkMailServer(
  { spec }: AgentTeam,
  { controller }: CompileOptions,
): readonly Problem[] {
  if (controller?.mailServer !== false) return [];
  return (spec.lifecycle.approvalGates ?? []).flatMap(({ channel }, index): Problem[] => {
    if (channel !== 'email') return [];
    return [
      {
        code: 'needs-mail-server',
        path: ['spec', 'lifecycle', 'approvalGates', index, 'channel'],
        message: 'the controller has no mail server, so nobody would receive this mail',
        hint: 'set AGENTTEAM_SMTP_URL_FILE and AGENTTEAM_SMTP_FROM on the controller, or use channel: webhook',
      },
    ];
  });
}
