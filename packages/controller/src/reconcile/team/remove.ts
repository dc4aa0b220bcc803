import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { refOf, STOP_FINALIZER } from './refs.ts';
import { wholeWorkflow } from './run.ts';
import { stopRun } from './stop.ts';

/** How long a deletion waits for Argo to end the agents: it must not hang where no Argo runs. */
const STOP_WITHIN_MS = 5 * 60_000;

/**
 * A team that is being deleted: its Workflow is stopped first, so that agents commit and the ledger
 * is closed while the volume is still there. The Workflow itself goes with its owner.
 * @returns after how many ms to look again.
 */
export async function removeTeam(
  team: StoredTeam,
  context: TeamContext,
): Promise<number | undefined> {
  const { finalizers = [], resourceVersion, deletionTimestamp = '' } = team.metadata;
  if (!finalizers.includes(STOP_FINALIZER)) return undefined;
  const workflow = await wholeWorkflow(team, context);
  const since = context.now().getTime() - Date.parse(deletionTimestamp);
  if (workflow !== undefined && !workflow.status?.finishedAt && since < STOP_WITHIN_MS) {
    // One that Argo has not looked at has nothing to stop.
    if (workflow.status?.phase) {
      if (workflow.shutdown === undefined) await stopRun(team, workflow, context);
      return STOP_WITHIN_MS - since;
    }
  }
  const rest = finalizers.filter((finalizer) => finalizer !== STOP_FINALIZER);
  await context.api.patch(refOf(team), { metadata: { resourceVersion, finalizers: rest } });
  return undefined;
}
