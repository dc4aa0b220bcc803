import type { Claims } from '@agentteam/compiler';
import { ANNOTATIONS } from '@agentteam/contract';
import { proofOfClaim } from '../../approvals/proof.ts';
import { httpStatus } from '../../kube/kube-error.ts';
import { type Manifest, type ObjectMeta, ownedBy } from '../../kube/objects.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy } from './refs.ts';
import type { RefusedState } from './workflow-state.ts';

type ClaimContext = Pick<TeamContext, 'api' | 'gateKey'>;

/** When to check again for a claim that is being deleted, and for one that a person must delete. */
const CHECK_AGAIN_MS = { deleting: 1000, taken: 20_000 };

/**
 * Creates the claims that team pods mount.
 * @returns why the team cannot start yet; undefined once it has its claims.
 */
export async function ensureClaims(
  claims: Claims,
  team: CachedTeam,
  context: ClaimContext,
): Promise<RefusedState | undefined> {
  return (
    (await ensureOutputClaim(claims, team, context)) ??
    (await ensureShared(claims.team as unknown as Manifest, team, context))
  );
}

/** Creates the claim of the output, if the team has one. A retry with a changed spec may be the first with an output. */
export async function ensureOutputClaim(
  { output }: Claims,
  team: CachedTeam,
  { api }: Pick<TeamContext, 'api'>,
): Promise<RefusedState | undefined> {
  return output === undefined ? undefined : ensureOutput(output as unknown as Manifest, team, api);
}

/**
 * Creates the claim of the output. The team owns it only if `outputRetention` is `delete`. A team takes the claim
 * of an earlier team with its name, but does not own it, so that nobody deletes the results of others by a name.
 */
async function ensureOutput(
  claim: Manifest,
  team: CachedTeam,
  api: TeamContext['api'],
): Promise<RefusedState | undefined> {
  const isOwner = team.spec.lifecycle.outputRetention === 'delete';
  try {
    await api.create(isOwner ? owned(claim, team) : claim);
    return undefined;
  } catch (error) {
    if (httpStatus(error) !== 409) throw error;
    const found = await existing(claim, api, error);
    const { labels = {}, ownerReferences = [] } = found;
    if (isOwnedBy({ ...claim, metadata: found }, team)) return refuseWhileDeleting(found);
    const isOurs = Object.entries(claim.metadata.labels ?? {}).every(
      ([name, value]) => labels[name] === value,
    );
    if (!isOurs || ownerReferences.length > 0) return nameTaken(claim, team, found);
    // The size may be another one now.
    return refuseWhileDeleting(await api.apply(claim));
  }
}

/**
 * Creates the shared claim. A claim that the controller did not create for this team is never adopted, although the
 * team may own it: this team would take the files of another team, or of a person, for its own work.
 */
async function ensureShared(
  claim: Manifest,
  team: CachedTeam,
  { api, gateKey }: ClaimContext,
): Promise<RefusedState | undefined> {
  const proof = proofOfClaim(gateKey, team, claim.metadata.name);
  const annotations = { [ANNOTATIONS.claimProof]: proof };
  try {
    await api.create(owned({ ...claim, metadata: { ...claim.metadata, annotations } }, team));
    return undefined;
  } catch (error) {
    if (httpStatus(error) !== 409) throw error;
    const found = await existing(claim, api, error);
    if (!isOwnedBy({ ...claim, metadata: found }, team)) return nameTaken(claim, team, found);
    const isProven = found.annotations?.[ANNOTATIONS.claimProof] === proof;
    return isProven ? refuseWhileDeleting(found) : nameTaken(claim, team, found, UNPROVEN);
  }
}

function owned(claim: Manifest, team: CachedTeam): Manifest {
  return { ...claim, metadata: { ...claim.metadata, ownerReferences: [ownedBy(team)] } };
}

/**
 * The metadata of a claim. The controller may not read claims; an empty patch returns the metadata and changes
 * nothing.
 * @throws `conflict` if the claim has been deleted a moment ago.
 */
function existing(
  { apiVersion, kind, metadata }: Manifest,
  api: TeamContext['api'],
  conflict: unknown,
): Promise<ObjectMeta> {
  const { name, namespace = '' } = metadata;
  return api.patch({ apiVersion, kind, namespace, name }, {}).catch((error: unknown) => {
    throw httpStatus(error) === 404 ? conflict : error;
  });
}

/** Somebody else has made the team its owner, or a release without proofs created it just before an upgrade. */
const UNPROVEN = 'names this team as its owner, but nothing proves that agentteam created it';

/** A claim with that name exists, and is another team's or a person's. */
function nameTaken(
  { metadata }: Manifest,
  team: CachedTeam,
  found: ObjectMeta,
  why = 'does not belong to this team',
): RefusedState {
  const refused = refuseWhileDeleting(found);
  if (refused !== undefined) return refused;
  const message = `A PersistentVolumeClaim ${metadata.name} already exists and ${why}. Delete the claim or rename the team; the team starts when the name is free.`;
  // The garbage collector deletes the claim of a deleted team with the same name.
  const isOrphaned = (found.ownerReferences ?? []).some((owner) => owner.kind === team.kind);
  const afterMs = isOrphaned ? CHECK_AGAIN_MS.deleting : CHECK_AGAIN_MS.taken;
  return { kind: 'refused', reason: 'NameTaken', message, requeue: { afterMs } };
}

/** Kubernetes starts no pod that mounts a claim which is being deleted. */
function refuseWhileDeleting({ name, deletionTimestamp }: ObjectMeta): RefusedState | undefined {
  if (deletionTimestamp === undefined) return undefined;
  const message = `The PersistentVolumeClaim ${name} is being deleted. The team starts with a new claim after that.`;
  const requeue = { afterMs: CHECK_AGAIN_MS.deleting };
  return { kind: 'refused', reason: 'NameTaken', message, requeue };
}
