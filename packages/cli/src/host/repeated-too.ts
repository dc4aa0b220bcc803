import type { AgentTeamStatus } from '@agentteam/api';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { DELIVER_EVENT, gateStep, isTeammateTemplate, TEMPLATES } from '@agentteam/contract';
import { isFailed } from '@agentteam/status';

/**
 * Events of the gates that ended without an approval: rejected, not answered in time, or ended by somebody
 * who is no approver. A retry opens them again.
 */
export function unapprovedGates({ approvals = [] }: AgentTeamStatus): readonly string[] {
  return approvals.filter(({ decision }) => decision === 'reject').map(({ event }) => event);
}

/**
 * The steps that a retry repeats besides those that failed and those that were left out because of them:
 * the roll-call; gates that are not approved; and the lead where a teammate runs again or runs after all,
 * because the lead brings their work together.
 * @param workflow one that has ended.
 * @param unapproved events of the gates that open again.
 * @param changed steps whose part of the team's spec is another now.
 */
export function repeatedToo(
  { status }: Workflow,
  unapproved: readonly string[],
  changed: readonly string[] = [],
): (node: NodeStatus) => boolean {
  const nodes = Object.values(status?.nodes ?? {});
  const named = [...unapproved.map(gateStep), ...changed];
  const hasTeammates =
    unapproved.some((event) => event !== DELIVER_EVENT) ||
    nodes.some((node) => isTeammateTemplate(node.templateName) && isFailed(node));
  return ({ type, phase, templateName, displayName = '' }) =>
    templateName === TEMPLATES.rollCall ||
    named.includes(displayName) ||
    (type === 'Suspend' && phase !== 'Succeeded') ||
    (templateName === TEMPLATES.lead && hasTeammates);
}
