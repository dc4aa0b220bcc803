import type { ApprovalGate } from '@agentteam/api';
import type { Bounded, Loose, People } from './bounds.ts';

const GATES = ['lifecycle', 'approvalGates'] as const;

export function compareGates(
  { lifecycle: bound }: Bounded,
  { lifecycle }: Bounded,
): readonly Loose[] {
  const gates = lifecycle?.approvalGates ?? [];
  const found = (bound?.approvalGates ?? []).flatMap((wanted): readonly Loose[] => {
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
      const hint = `use only: ${namesOf(approvers)}`;
      found.push(loose('approvers', 'allows other approvers', hint));
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
  return [...found, ...compareAnswerers(bound?.questions?.answerers, lifecycle?.questions)];
}

/** Whoever may answer an agent's questions decides as well. */
function compareAnswerers(
  answerers: People | undefined,
  questions: NonNullable<Bounded['lifecycle']>['questions'],
): readonly Loose[] {
  if (answerers === undefined || isSubset(questions?.answerers, answerers)) return [];
  return [
    {
      path: ['lifecycle', 'questions', 'answerers'],
      message: 'allows other people to answer',
      hint: `use only: ${namesOf(answerers)}`,
    },
  ];
}

function namesOf({ users = [], groups = [] }: People): string {
  return [...users, ...groups.map((group) => `group ${group}`)].join(', ');
}

/** Only the same users and groups count as a subset, because it is unknown who belongs to another group. */
function isSubset(people: People | undefined, of: People): boolean {
  if (people === undefined) return false;
  const { users = [], groups = [] } = people;
  return (
    users.every((user) => of.users?.includes(user)) &&
    groups.every((group) => of.groups?.includes(group))
  );
}
