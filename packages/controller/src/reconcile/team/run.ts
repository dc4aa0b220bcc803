import { type StoredWorkflow, storeWorkflow } from '../../argo/stored.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy, workflowRef } from './refs.ts';
import { startRun } from './start.ts';

/** How a team's run stands, before its Workflow is looked into. */
export type Run =
  | { readonly kind: 'present'; readonly workflow: StoredWorkflow }
  /** It was started this moment: the watch will tell of it. */
  | { readonly kind: 'started' }
  /** It has ended and its Workflow was cleaned up: its status says how, for good. */
  | { readonly kind: 'over' }
  /** Somebody deleted the Workflow of a team that had not ended. */
  | { readonly kind: 'lost' }
  /** It could not be started. */
  | {
      readonly kind: 'refused';
      readonly reason: 'Invalid' | 'NameTaken' | 'Refused';
      readonly message: string;
      /** When to try again; absent: once the team is another. */
      readonly again?: Again;
    };

/** In so many ms, or with the queue's growing pauses after an error. */
export type Again = { readonly afterMs: number } | { readonly error: unknown };

/** One that there is something to say of. */
export type StandingRun = Exclude<Run, { readonly kind: 'started' }>;

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

/** Finds the team's run, and starts it when it never was. */
export async function runOf(team: StoredTeam, context: TeamContext): Promise<Run> {
  const known = knownWorkflow(team, context);
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
