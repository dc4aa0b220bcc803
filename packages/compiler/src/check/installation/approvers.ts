import type { AgentTeam } from '@agentteam/api';
import { isRestricted } from '@agentteam/contract';
import type { Problem } from '../../problem.ts';
import type { CompileOptions } from '../../resolve/options.ts';

/**
 * Refuses restricted gates, and restricted questions, unless the admission webhook runs. Only the webhook knows
 * who approves; without it such a gate would let anyone through.
 */
export function checkApprovers(
  { spec }: AgentTeam,
  { controller }: CompileOptions,
): readonly Problem[] {
  if (controller?.admission) return [];
  const hint =
    'submit the team to a cluster whose controller runs the webhook (Helm value webhook.enabled), or remove the field';
  const { questions } = spec.lifecycle;
  const ofQuestions: readonly Problem[] =
    questions?.answerers === undefined
      ? []
      : [
          {
            code: 'needs-admission',
            path: ['spec', 'lifecycle', 'questions', 'answerers'],
            message:
              '`answerers` needs the admission webhook, because only the webhook knows who answers',
            hint,
          },
        ];
  const ofGates = (spec.lifecycle.approvalGates ?? []).flatMap((gate, index): Problem[] => {
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
        message: `\`${field}\` needs the admission webhook, because only the webhook knows who approves`,
        hint,
      },
    ];
  });
  return [...ofGates, ...ofQuestions];
}
