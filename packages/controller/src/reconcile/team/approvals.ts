import type { Workflow } from '@agentteam/argo';
import { ANNOTATIONS } from '@agentteam/contract';
import { type Answer, answered, eventOf, openGates } from '@agentteam/status';
import { nodePatch, type StoredWorkflow, storeWorkflow } from '../../argo/stored.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { TeamContext } from './context.ts';
import { workflowRef } from './refs.ts';
import type { StoredTeam } from './stored.ts';

/**
 * What the team's annotations say to a gate: `true` approves, `false` rejects, anything else is no
 * answer. Who wrote it is known where the admission webhook runs; it keeps the votes.
 */
export function answerTo(event: string, team: StoredTeam): Answer | undefined {
  const annotations = team.metadata.annotations ?? {};
  const said = annotations[`${ANNOTATIONS.approvedPrefix}${event}`];
  if (said !== 'true' && said !== 'false') return undefined;
  const reason = annotations[`${ANNOTATIONS.reasonPrefix}${event}`];
  return {
    decision: said === 'true' ? 'approve' : 'reject',
    by: 'annotation',
    ...(reason !== undefined && { reason }),
  };
}

/**
 * Writes the answers that wait into the Workflow's gates, as Argo's own commands do.
 * @returns the Workflow as it is then. A conflict throws: the next reconcile sees the newer one.
 */
export async function answerGates(
  team: StoredTeam,
  workflow: StoredWorkflow,
  context: TeamContext,
): Promise<StoredWorkflow> {
  let current = workflow;
  // Nodes in Argo's database cannot be written through the API: `argo resume` is the way there.
  if (current.offloaded) return current;
  for (const gate of openGates(current as Workflow)) {
    const answer = answerTo(eventOf(gate), team);
    if (answer === undefined) continue;
    const node = answered(gate.node, answer, context.now().toISOString());
    const patched = await context.api.patch<KubeObject>(
      workflowRef(team),
      nodePatch(current, node),
    );
    current = storeWorkflow(patched);
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
