import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import type { CompileOptions } from '../../resolve/options.ts';

/** Refuses gates and questions with the channel `email` where the controller is known to have no mail server. */
export function checkMailServer(
  { spec }: AgentTeam,
  { controller }: CompileOptions,
): readonly Problem[] {
  if (controller?.mailServer !== false) return [];
  const { approvalGates = [], questions } = spec.lifecycle;
  const channels = [
    ...approvalGates.map(({ channel }, index) => ({ channel, path: ['approvalGates', index] })),
    { channel: questions?.channel, path: ['questions'] },
  ];
  return channels.flatMap(({ channel, path }): Problem[] => {
    if (channel !== 'email') return [];
    return [
      {
        code: 'needs-mail-server',
        path: ['spec', 'lifecycle', ...path, 'channel'],
        message: 'the controller has no mail server, so nobody would receive this mail',
        hint: 'set AGENTTEAM_SMTP_URL_FILE and AGENTTEAM_SMTP_FROM on the controller, or use channel: webhook',
      },
    ];
  });
}
