import { type CachedWorkflow, withShutdown } from '../../argo/cached-workflow.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { TeamContext } from './context.ts';
import { workflowRef } from './refs.ts';

/** Asks Argo to stop a Workflow. Its agents stop in order, and its last step writes the totals. */
export async function stopWorkflow(
  team: CachedTeam,
  workflow: CachedWorkflow,
  { api, workflows }: TeamContext,
): Promise<CachedWorkflow> {
  const shutdown = 'Stop';
  // The uid keeps the patch from reaching a newer Workflow with the same name.
  const { uid } = workflow.metadata;
  const metadata = await api.patch(workflowRef(team), {
    metadata: { uid },
    spec: { shutdown, suspend: null },
  });
  const stopped = withShutdown(workflow, shutdown, metadata);
  workflows.assume(stopped);
  return stopped;
}
