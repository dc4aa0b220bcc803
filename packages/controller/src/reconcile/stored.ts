import type { AgentTeam, AgentTeamRun, AgentTeamTemplate } from '@agentteam/api';
import { type AnsweredThrough, answeredThrough } from '../approvals/answered-through.ts';
import type { KubeApi } from '../kube/api.ts';
import type { KubeObject } from '../kube/objects.ts';

/** In which kubectl keeps the whole object a second time. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A resource of ours as the controller keeps it: without `managedFields`, which are half of it. */
export type Stored<Resource extends { readonly spec: unknown; readonly status?: unknown }> =
  Resource & KubeObject & { readonly lean?: true };

export type StoredTeam = Stored<AgentTeam> & { readonly answeredThrough?: AnsweredThrough };
export type StoredTemplate = Stored<AgentTeamTemplate>;
export type StoredRun = Stored<AgentTeamRun>;

/** Of a status, what is counted and asked for without looking at the object. */
const LEAN_STATUS = [
  'phase',
  'completedAt',
  'estimatedCost',
  'totalTokensUsed',
  'workflow',
  'team',
];
const MOST_OWNERS = 4;

/**
 * A resource of which its namespace's share of memory holds no more: which one it is, whose, and how it
 * stands. `wholeOf` reads the rest.
 */
export function leanResource<Resource extends StoredTeam | StoredTemplate | StoredRun>(
  stored: Resource,
): Resource {
  const { apiVersion, kind, metadata, spec, status } = stored;
  const { annotations: _annotations, finalizers: _finalizers, ownerReferences, ...own } = metadata;
  const owners = ownerReferences?.filter(({ apiVersion: of }) => of === apiVersion);
  const known = Object.entries(status ?? {}).filter(([name]) => LEAN_STATUS.includes(name));
  return {
    apiVersion,
    kind,
    metadata: { ...own, ...(owners && { ownerReferences: owners.slice(0, MOST_OWNERS) }) },
    spec: 'templateRef' in spec ? { templateRef: spec.templateRef } : {},
    ...(status !== undefined && { status: Object.fromEntries(known) }),
    lean: true,
  } as unknown as Resource;
}

/** The resource as a whole, from the API server where memory has it lean. */
export async function wholeOf<Resource extends StoredTeam | StoredTemplate | StoredRun>(
  stored: Resource | undefined,
  api: Pick<KubeApi, 'read'>,
): Promise<Resource | undefined> {
  if (stored?.lean === undefined) return stored;
  const { apiVersion, kind, metadata } = stored;
  const { name, namespace = '' } = metadata;
  const read = await api.read<KubeObject>({ apiVersion, kind, namespace, name });
  return read === undefined ? undefined : storeResource<Resource>(read);
}

export function storeResource<Resource extends StoredTeam | StoredTemplate | StoredRun>(
  object: KubeObject & { readonly spec?: unknown; readonly status?: unknown },
): Resource {
  const { apiVersion, kind, metadata, spec, status } = object as Resource;
  const {
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    deletionTimestamp,
    annotations,
    finalizers,
    ownerReferences,
  } = metadata;
  const stored = {
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    deletionTimestamp,
    annotations: kept(annotations),
    finalizers,
    ownerReferences,
  };
  const through = answeredThrough(metadata);
  const present = Object.entries(stored).filter(([, value]) => value !== undefined);
  return {
    apiVersion,
    kind,
    metadata: Object.fromEntries(present),
    spec,
    ...(status !== undefined && { status }),
    ...(Object.keys(through).length > 0 && { answeredThrough: through }),
  } as unknown as Resource;
}

function kept(annotations: KubeObject['metadata']['annotations']) {
  if (annotations?.[LAST_APPLIED] === undefined) return annotations;
  const { [LAST_APPLIED]: _whole, ...rest } = annotations;
  return rest;
}
