import type { NodeStatus, Workflow } from '@agentteam/argo';
import { isFailed } from '@agentteam/status';

/**
 * What a retry repeats besides what failed, and what was left out because of it: the roll-call; a gate
 * that was open when the team was stopped; and with a teammate the lead, which brings their work together.
 * @param workflow one that has ended.
 */
export function repeatedToo({ status }: Workflow): (node: NodeStatus) => boolean {
  const nodes = Object.values(status?.nodes ?? {});
  const hasFailed = nodes.some(
    (node) => node.templateName?.startsWith('agent-') === true && isFailed(node),
  );
  return ({ type, phase, templateName }) =>
    templateName === 'roll-call' ||
    (type === 'Suspend' && phase !== 'Succeeded') ||
    (templateName === 'lead' && hasFailed);
}
