import type { Workflow } from '@agentteam/argo';
import { answered, eventOf, openGates } from '@agentteam/status';
import { answerTo } from '../../approvals/votes.ts';
import { nodePatch, type StoredWorkflow, withNode } from '../../argo/stored.ts';
import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { workflowRef } from './refs.ts';

/**
 * Writes the answers that wait into the Workflow's gates, as Argo's own commands do.
 * @returns the Workflow as it is then. A conflict throws: the next reconcile sees the newer one.
 */
export async function answerGates(
  team: StoredTeam,
  workflow: StoredWorkflow,
  context: TeamContext,
): Promise<StoredWorkflow> {
  const gates = team.spec.lifecycle.approvalGates;
  let current = workflow;
  for (const gate of openGates(current as Workflow)) {
    const event = eventOf(gate);
    const rules = gates?.find((candidate) => candidate.event === event);
    const answer = answerTo(event, rules, team.metadata.annotations ?? {});
    if (answer === undefined) continue;
    const node = answered(gate.node, answer, context.now().toISOString());
    const patch = nodePatch(current, node);
    const metadata = await context.api.patch(workflowRef(team), patch);
    current = withNode(current, node, patch, metadata);
    context.workflows.ahead(current);
    context.log.info(
      {
        team: `${team.metadata.namespace}/${team.metadata.name}`,
        gate: gate.name,
        ...answer,
      },
      'gate answered',
    );
  }
  return current;
}
