import { type StoredWorkflow, withShutdown } from '../../argo/stored.ts';
import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { workflowRef } from './refs.ts';

/** Asks Argo to end a team's Workflow: its agents leave in order, and its last step sums up. */
export async function stopRun(
  team: StoredTeam,
  workflow: StoredWorkflow,
  { api, workflows }: TeamContext,
): Promise<StoredWorkflow> {
  const shutdown = 'Stop';
  // With its id the server refuses it of a Workflow that has taken the place of this one.
  const { uid } = workflow.metadata;
  const metadata = await api.patch(workflowRef(team), { metadata: { uid }, spec: { shutdown } });
  const stopped = withShutdown(workflow, shutdown, metadata);
  workflows.ahead(stopped);
  return stopped;
}
