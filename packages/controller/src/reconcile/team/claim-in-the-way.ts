import { TEAM_CLAIM } from '@agentteam/compiler';
import { storeWorkflow } from '../../argo/stored.ts';
import { httpStatus } from '../../kube/kube-error.ts';
import type { KubeObject, ObjectMeta } from '../../kube/objects.ts';
import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy, workflowRef } from './refs.ts';
import type { Run } from './standing.ts';

/** One that is being deleted goes as soon as its pods have; another needs somebody's hand. */
const LOOK_AGAIN_MS = { leaving: 1000, staying: 20_000 };

/**
 * Argo makes a claim that a team's pods share, and fails a Workflow for good that finds another's there.
 * The claim of a deleted team of the same name outlives its Workflow by a moment.
 * @returns how the team stands where there is such a claim already, `undefined` where there is none.
 */
export async function claimInTheWay(
  team: StoredTeam,
  { api }: Pick<TeamContext, 'api'>,
): Promise<Run | undefined> {
  const ref = workflowRef(team);
  const claim = await find(api, { ...ref, name: `${ref.name}-${TEAM_CLAIM}` });
  if (claim === undefined) return undefined;
  const workflow = await api.read<KubeObject>(ref);
  if (workflow !== undefined && isOwnedBy(workflow, team)) {
    return { kind: 'present', workflow: storeWorkflow(workflow) };
  }
  const message = `A claim ${claim.name} exists that is not this team's. The team starts once it is gone: delete it, or rename the team.`;
  const leaving = (claim.ownerReferences ?? []).some(({ kind }) => kind === 'Workflow');
  const afterMs = leaving ? LOOK_AGAIN_MS.leaving : LOOK_AGAIN_MS.staying;
  return { kind: 'refused', reason: 'NameTaken', message, again: { afterMs } };
}

/**
 * An output claim that is being deleted, by hand or with an earlier team, is there until no pod has it.
 * Kubernetes starts no pod on it, and makes no other in its place.
 */
export function claimLeaving({ name, deletionTimestamp }: ObjectMeta): Run | undefined {
  if (deletionTimestamp === undefined) return undefined;
  const message = `The claim ${name} is being deleted. The team starts with a new one once it is gone.`;
  const again = { afterMs: LOOK_AGAIN_MS.leaving };
  return { kind: 'refused', reason: 'NameTaken', message, again };
}

async function find(
  api: TeamContext['api'],
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<ObjectMeta | undefined> {
  try {
    // It changes nothing: the controller may make claims, and read none.
    return await api.patch(
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name },
      {},
    );
  } catch (error) {
    if (httpStatus(error) === 404) return undefined;
    throw error;
  }
}
