import type { ApprovalGate } from '@agentteam/api';
import type { Bounded, Loose } from './bounds.ts';

const GATES = ['lifecycle', 'approvalGates'] as const;

export function compareGates(
  { lifecycle: bound }: Bounded,
  { lifecycle }: Bounded,
): readonly Loose[] {
  const gates = lifecycle?.approvalGates ?? [];
  return (bound?.approvalGates ?? []).flatMap((wanted): readonly Loose[] => {
    const index = gates.findIndex(({ event }) => event === wanted.event);
    const gate = gates[index];
    if (gate === undefined) {
      const hint = `remove approvalGates from the run, or add the gate ${wanted.event}`;
      return [{ path: GATES, message: `lacks the gate ${wanted.event}`, hint }];
    }
    const loose = (field: keyof ApprovalGate, message: string, hint: string): Loose => ({
      path: [...GATES, index, field],
      message: `of ${wanted.event} ${message}`,
      hint,
    });
    const found: Loose[] = [];
    const { approvers } = wanted;
    if (approvers !== undefined && !isSubset(gate.approvers, approvers)) {
      const { users = [], groups = [] } = approvers;
      const who = [...users, ...groups.map((group) => `group ${group}`)].join(', ');
      found.push(loose('approvers', 'allows other approvers', `use only: ${who}`));
    }
    const least = wanted.requiredApprovals ?? 1;
    const { requiredApprovals = 1 } = gate;
    if (requiredApprovals < least) {
      found.push(loose('requiredApprovals', `is ${requiredApprovals}`, `set at least ${least}`));
    }
    if (wanted.allowAuthor === false && gate.allowAuthor !== false) {
      found.push(loose('allowAuthor', 'lets the author approve', 'set it to false'));
    }
    return found;
  });
}

/** Only the same users and groups count as a subset, because it is unknown who belongs to another group. */
function isSubset(
  approvers: Partial<ApprovalGate>['approvers'],
  of: NonNullable<ApprovalGate['approvers']>,
): boolean {
  if (approvers === undefined) return false;
  const { users = [], groups = [] } = approvers;
  return (
    users.every((user) => of.users?.includes(user)) &&
    groups.every((group) => of.groups?.includes(group))
  );
}
