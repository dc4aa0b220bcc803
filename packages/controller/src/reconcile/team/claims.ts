import type { Claims } from '@agentteam/compiler';
import { httpStatus } from '../../kube/kube-error.ts';
import { type KubeObject, type Manifest, type ObjectMeta, ownedBy } from '../../kube/objects.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy } from './refs.ts';
import type { WorkflowState } from './workflow-state.ts';

/** When to check again for a claim that is being deleted, and for one that a person must delete. */
const CHECK_AGAIN_MS = { deleting: 1000, taken: 20_000 };

/**
 * Creates the claims that team pods mount.
 * @returns why the team cannot start yet; undefined once it has its claims.
 */
export async function ensureClaims(
  { team: shared, output }: Claims,
  team: CachedTeam,
  { api }: Pick<TeamContext, 'api'>,
): Promise<WorkflowState | undefined> {
  if (output !== undefined) {
    const metadata = await api.apply(outputClaim(output as unknown as Manifest, team));
    const refused = refuseWhileDeleting(metadata);
    if (refused !== undefined) return refused;
  }
  return ensureShared(shared as unknown as Manifest, team, api);
}

/**
 * Creates the shared claim. An existing claim is never adopted: this team would take the files of another
 * team, such as a deleted one with the same name, for its own work.
 */
async function ensureShared(
  claim: Manifest,
  team: CachedTeam,
  api: TeamContext['api'],
): Promise<WorkflowState | undefined> {
  const { metadata } = claim;
  try {
    await api.create({ ...claim, metadata: { ...metadata, ownerReferences: [ownedBy(team)] } });
    return undefined;
  } catch (error) {
    if (httpStatus(error) !== 409) throw error;
    return nameTaken(claim, team, api, error);
  }
}

/** A claim with that name exists. This controller created it a moment ago, or it is another team's. */
async function nameTaken(
  claim: Manifest,
  team: CachedTeam,
  api: TeamContext['api'],
  conflict: unknown,
): Promise<WorkflowState | undefined> {
  const { apiVersion, kind } = claim;
  const { name, namespace = '' } = claim.metadata;
  // The controller may not read claims. An empty patch returns the metadata and changes nothing.
  const found = await api
    .patch({ apiVersion, kind, namespace, name }, {})
    .catch((error: unknown) => {
      throw httpStatus(error) === 404 ? conflict : error;
    });
  const refused = refuseWhileDeleting(found);
  if (refused !== undefined || isOwnedBy({ ...claim, metadata: found } as KubeObject, team)) {
    return refused;
  }
  const message = `A PersistentVolumeClaim ${name} already exists and does not belong to this team. Delete the claim or rename the team; the team starts when the name is free.`;
  // The garbage collector deletes the claim of a deleted team with the same name.
  const isOrphaned = (found.ownerReferences ?? []).some((owner) => owner.kind === team.kind);
  const afterMs = isOrphaned ? CHECK_AGAIN_MS.deleting : CHECK_AGAIN_MS.taken;
  return { kind: 'refused', reason: 'NameTaken', message, requeue: { afterMs } };
}

/** The team owns the claim of its output only if `outputRetention` is `delete`. */
function outputClaim(claim: Manifest, team: CachedTeam): Manifest {
  if (team.spec.lifecycle.outputRetention !== 'delete') return claim;
  return { ...claim, metadata: { ...claim.metadata, ownerReferences: [ownedBy(team)] } };
}

/** Kubernetes starts no pod that mounts a claim which is being deleted. */
function refuseWhileDeleting({ name, deletionTimestamp }: ObjectMeta): WorkflowState | undefined {
  if (deletionTimestamp === undefined) return undefined;
  const message = `The PersistentVolumeClaim ${name} is being deleted. The team starts with a new claim after that.`;
  const requeue = { afterMs: CHECK_AGAIN_MS.deleting };
  return { kind: 'refused', reason: 'NameTaken', message, requeue };
}
