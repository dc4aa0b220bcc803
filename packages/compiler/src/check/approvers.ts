import type { AgentTeam } from '@agentteam/api';
import { isRestricted } from '@agentteam/contract';
import type { Problem } from '../problem.ts';

/**
 * Refuses gates where it matters who approves, unless the admission webhook runs: only the webhook
 * knows who approves, and without it such a gate would let anybody through.
 */
export function checkApprovers({ spec }: AgentTeam): readonly Problem[] {
  return (spec.lifecycle.approvalGates ?? []).flatMap((gate, index): Problem[] => {
    if (!isRestricted(gate)) return [];
    const field =
      gate.approvers !== undefined
        ? 'approvers'
        : gate.requiredApprovals > 1
          ? 'requiredApprovals'
          : 'allowAuthor';
    return [
      {
        code: 'needs-admission',
        path: ['spec', 'lifecycle', 'approvalGates', index, field],
        message: `\`${field}\` holds only where the admission webhook runs, which knows who approves`,
        hint: 'submit the team to a cluster whose controller has it (Helm value webhook.enabled), or remove the field',
      },
    ];
  });
}
