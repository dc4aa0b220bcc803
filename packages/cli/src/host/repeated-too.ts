import type { AgentTeamStatus } from '@agentteam/api';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { gateStep } from '@agentteam/contract';
import { isFailed } from '@agentteam/status';

/** Steps of gates that somebody ended without the approvers' decision: the approvers have yet to decide. */
export function undecidedGates({ approvals = [] }: AgentTeamStatus): readonly string[] {
  return approvals
    .filter(({ attempted, via, by }) => attempted !== undefined && via === 'argo' && !by)
    .map(({ event }) => gateStep(event));
}

/**
 * What a retry repeats besides what failed, and what was left out because of it: the roll-call; a gate
 * that was open when the team was stopped, or that is undecided; and with a teammate the lead, which
 * brings their work together.
 * @param workflow one that has ended.
 */
export function repeatedToo(
  { status }: Workflow,
  undecided: readonly string[] = [],
): (node: NodeStatus) => boolean {
  const nodes = Object.values(status?.nodes ?? {});
  const hasFailed = nodes.some(
    (node) => node.templateName?.startsWith('agent-') === true && isFailed(node),
  );
  return ({ type, phase, templateName, displayName = '' }) =>
    templateName === 'roll-call' ||
    (type === 'Suspend' && (phase !== 'Succeeded' || undecided.includes(displayName))) ||
    (templateName === 'lead' && (hasFailed || undecided.length > 0));
}
