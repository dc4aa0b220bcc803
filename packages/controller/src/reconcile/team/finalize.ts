import type { CachedTeam } from '../cached-resource.ts';
import type { TeamContext } from './context.ts';
import { readWorkflow } from './find-workflow.ts';
import { refOf, STOP_FINALIZER } from './refs.ts';
import { stopWorkflow } from './stop-workflow.ts';

/** Longest wait for Argo to stop the agents: a deletion must not hang in a cluster without Argo. */
const STOP_WITHIN_MS = 5 * 60_000;

/**
 * Finalizes a team that is being deleted. It stops the Workflow and waits for its end, so that agents
 * commit their work and the last step writes the totals while the volume still exists. The garbage
 * collector then deletes the Workflow.
 * @returns after how many ms to reconcile again.
 */
export async function finalizeTeam(
  team: CachedTeam,
  context: TeamContext,
): Promise<number | undefined> {
  const { finalizers = [], resourceVersion, deletionTimestamp = '' } = team.metadata;
  if (!finalizers.includes(STOP_FINALIZER)) return undefined;
  const workflow = await readWorkflow(team, context);
  const waitedMs = context.now().getTime() - Date.parse(deletionTimestamp);
  if (workflow !== undefined && !workflow.status?.finishedAt && waitedMs < STOP_WITHIN_MS) {
    // A Workflow without a phase has not started.
    if (workflow.status?.phase) {
      if (workflow.shutdown === undefined) await stopWorkflow(team, workflow, context);
      return STOP_WITHIN_MS - waitedMs;
    }
  }
  const rest = finalizers.filter((finalizer) => finalizer !== STOP_FINALIZER);
  await context.api.patch(refOf(team), { metadata: { resourceVersion, finalizers: rest } });
  return undefined;
}
