import { type StoredWorkflow, storeWorkflow } from '../../argo/stored.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy, workflowRef } from './refs.ts';
import type { Run } from './standing.ts';
import { startRun } from './start.ts';

const ENDED = new Set(['Completed', 'Failed', 'TimedOut', 'BudgetExceeded']);

/** The team's Workflow as the local copy has it, if it is the team's own. */
export function knownWorkflow(
  team: StoredTeam,
  context: Pick<TeamContext, 'workflows'>,
): StoredWorkflow | undefined {
  const { namespace, name } = workflowRef(team);
  const known = context.workflows.get(`${namespace}/${name}`);
  return known !== undefined && isOwnedBy(known, team) ? known : undefined;
}

/** The same, read where memory has it lean. */
export async function wholeWorkflow(
  team: StoredTeam,
  context: Pick<TeamContext, 'workflows' | 'api'>,
): Promise<StoredWorkflow | undefined> {
  const known = knownWorkflow(team, context);
  if (known?.lean === undefined) return known;
  const read = await context.api.read<KubeObject>(workflowRef(team));
  return read !== undefined && isOwnedBy(read, team) ? storeWorkflow(read) : undefined;
}

/** Finds the team's run, and starts it when it never was. */
export async function runOf(team: StoredTeam, context: TeamContext): Promise<Run> {
  const known = await wholeWorkflow(team, context);
  if (known !== undefined) return { kind: 'present', workflow: known };
  const { status } = team;
  if (status?.workflow === undefined) return startRun(team, context);
  if (ENDED.has(status.phase ?? '')) return { kind: 'over' };
  // The local copy of Workflows may be behind that of teams: only the server knows that it is gone.
  const read = await context.api.read<KubeObject>(workflowRef(team));
  return read !== undefined && isOwnedBy(read, team)
    ? { kind: 'present', workflow: storeWorkflow(read) }
    : { kind: 'lost' };
}
