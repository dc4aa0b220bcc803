import type { AgentTeam, AgentTeamRun, AgentTeamTemplate } from '@agentteam/api';
import { type AnsweredThrough, answeredThrough } from '../approvals/answered-through.ts';
import type { KubeObject } from '../kube/objects.ts';

/** In which kubectl keeps the whole object a second time. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A resource of ours as the controller keeps it: without `managedFields`, which are half of it. */
export type Stored<Resource extends { readonly spec: unknown; readonly status?: unknown }> =
  Resource & KubeObject;

export type StoredTeam = Stored<AgentTeam> & { readonly answeredThrough?: AnsweredThrough };
export type StoredTemplate = Stored<AgentTeamTemplate>;
export type StoredRun = Stored<AgentTeamRun>;

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
