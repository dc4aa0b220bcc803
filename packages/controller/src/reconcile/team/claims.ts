import type { Claims } from '@agentteam/compiler';
import { httpStatus } from '../../kube/kube-error.ts';
import { type KubeObject, type Manifest, type ObjectMeta, ownedBy } from '../../kube/objects.ts';
import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { isOwnedBy } from './refs.ts';
import type { Run } from './standing.ts';

/** A claim that is being deleted goes as soon as its pods have; another one needs a person. */
const LOOK_AGAIN_MS = { leaving: 1000, staying: 20_000 };

/**
 * Makes the claims that the pods of a team mount.
 * @returns the reason why the team cannot start yet; undefined once it has its claims.
 */
export async function ensureClaims(
  { team: shared, output }: Claims,
  team: StoredTeam,
  { api }: Pick<TeamContext, 'api'>,
): Promise<Run | undefined> {
  if (output !== undefined) {
    const waiting = leaving(await api.apply(outputOf(output as unknown as Manifest, team)));
    if (waiting !== undefined) return waiting;
  }
  return ensureShared(shared as unknown as Manifest, team, api);
}

/**
 * The shared claim is created, never adopted: the files on another team's claim, such as that of a deleted
 * team of the same name, would be taken for work that this team has done.
 */
async function ensureShared(
  claim: Manifest,
  team: StoredTeam,
  api: TeamContext['api'],
): Promise<Run | undefined> {
  const { metadata } = claim;
  try {
    await api.create({ ...claim, metadata: { ...metadata, ownerReferences: [ownedBy(team)] } });
    return undefined;
  } catch (error) {
    if (httpStatus(error) !== 409) throw error;
    return taken(claim, team, api, error);
  }
}

/** A claim of that name exists: made by us a moment ago, or another team's. */
async function taken(
  claim: Manifest,
  team: StoredTeam,
  api: TeamContext['api'],
  conflict: unknown,
): Promise<Run | undefined> {
  const { apiVersion, kind } = claim;
  const { name, namespace = '' } = claim.metadata;
  // The controller may create and patch claims, but not read them. An empty patch changes nothing.
  const found = await api
    .patch({ apiVersion, kind, namespace, name }, {})
    .catch((error: unknown) => {
      throw httpStatus(error) === 404 ? conflict : error;
    });
  const waiting = leaving(found);
  if (waiting !== undefined || isOwnedBy({ ...claim, metadata: found } as KubeObject, team)) {
    return waiting;
  }
  const message = `A claim ${name} exists that is not this team's. The team starts once it is gone: delete it, or rename the team.`;
  // The garbage collector deletes the claim of a deleted team of the same name.
  const orphaned = (found.ownerReferences ?? []).some((owner) => owner.kind === team.kind);
  const afterMs = orphaned ? LOOK_AGAIN_MS.leaving : LOOK_AGAIN_MS.staying;
  return { kind: 'refused', reason: 'NameTaken', message, again: { afterMs } };
}

/** Results outlive their team unless it says otherwise; only then does the team own their claim. */
function outputOf(claim: Manifest, team: StoredTeam): Manifest {
  if (team.spec.lifecycle.outputRetention !== 'delete') return claim;
  return { ...claim, metadata: { ...claim.metadata, ownerReferences: [ownedBy(team)] } };
}

/** Kubernetes starts no pod on a claim that is being deleted, and makes no other in its place. */
function leaving({ name, deletionTimestamp }: ObjectMeta): Run | undefined {
  if (deletionTimestamp === undefined) return undefined;
  const message = `The claim ${name} is being deleted. The team starts with a new one once it is gone.`;
  const again = { afterMs: LOOK_AGAIN_MS.leaving };
  return { kind: 'refused', reason: 'NameTaken', message, again };
}
