import type { AgentTeamStatus } from '@agentteam/api';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { DELIVER_EVENT, gateStep, isTeammateTemplate, TEMPLATES } from '@agentteam/contract';
import { isFailed } from '@agentteam/status';

/**
 * Events of the gates that ended without an approval: rejected, not answered in time, or ended by a person
 * who is not an approver. A retry opens them again.
 */
export function unapprovedGates({ approvals = [] }: AgentTeamStatus): readonly string[] {
  return approvals.filter(({ decision }) => decision === 'reject').map(({ event }) => event);
}

/**
 * Selects the steps that a retry repeats besides the failed steps and the steps that were omitted because
 * of them: the roll call, unapproved gates, and the lead when a teammate runs (again), because the lead
 * combines the teammates' work.
 * @param workflow must have ended.
 * @param unapproved events of the gates that open again.
 * @param changed steps whose part of the team's spec has changed.
 */
export function repeatedSteps(
  { status }: Workflow,
  unapproved: readonly string[],
  changed: readonly string[] = [],
): (node: NodeStatus) => boolean {
  const nodes = Object.values(status?.nodes ?? {});
  const named = [...unapproved.map(gateStep), ...changed];
  const repeatsTeammate =
    unapproved.some((event) => event !== DELIVER_EVENT) ||
    nodes.some((node) => isTeammateTemplate(node.templateName) && isFailed(node));
  return ({ type, phase, templateName, displayName = '' }) =>
    templateName === TEMPLATES.rollCall ||
    named.includes(displayName) ||
    (type === 'Suspend' && phase !== 'Succeeded') ||
    (templateName === TEMPLATES.lead && repeatsTeammate);
}
