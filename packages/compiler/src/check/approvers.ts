import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../problem.ts';

/**
 * Gates that ask who it is that approves. Only the admission webhook of a cluster knows that; where
 * it does not run such a gate would let anybody through, and so the team is refused.
 */
export function checkApprovers({ spec }: AgentTeam): readonly Problem[] {
  return (spec.lifecycle.approvalGates ?? []).flatMap((gate, index): Problem[] => {
    const field =
      gate.approvers !== undefined
        ? 'approvers'
        : gate.requiredApprovals > 1
          ? 'requiredApprovals'
          : gate.allowAuthor
            ? undefined
            : 'allowAuthor';
    if (field === undefined) return [];
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
