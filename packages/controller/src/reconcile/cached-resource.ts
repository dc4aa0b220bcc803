import {
  AGENT_TEAM_RUN,
  type AgentTeam,
  type AgentTeamRun,
  type AgentTeamTemplate,
} from '@agentteam/api';
import { type AnswerManagers, answerManagers } from '../approvals/answer-managers.ts';
import type { KubeApi } from '../kube/api.ts';
import { type KubeObject, ownersOf } from '../kube/objects.ts';

/** kubectl stores a second copy of the whole object in this annotation. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A resource of ours as the cache holds it: without `managedFields`, which are half of its size. */
export type Cached<Resource extends { readonly spec: unknown; readonly status?: unknown }> =
  Resource &
    KubeObject & {
      /** The cache holds only the metadata and part of the status. */
      readonly partial?: true;
    };

export type CachedTeam = Cached<AgentTeam> & { readonly answerManagers?: AnswerManagers };
export type CachedTemplate = Cached<AgentTeamTemplate>;
export type CachedRun = Cached<AgentTeamRun>;

/** Fields of a status that are needed without the full object. */
const PARTIAL_STATUS = [
  'phase',
  'completedAt',
  'estimatedCost',
  'totalTokensUsed',
  'workflow',
  'team',
];

/**
 * Reduces a resource that exceeds its namespace's share of memory to its identity, the run that owns it and part of
 * its status, whose sizes nobody but the controller decides. `readFull` reads the rest.
 */
export function partialResource<Resource extends CachedTeam | CachedTemplate | CachedRun>(
  resource: Resource,
): Resource {
  const { apiVersion, kind, metadata, spec, status } = resource;
  const { annotations: _annotations, finalizers: _finalizers, ownerReferences, ...own } = metadata;
  const runs = ownersOf(ownerReferences ?? [], AGENT_TEAM_RUN.kind);
  const known = Object.entries(status ?? {}).filter(([name]) => PARTIAL_STATUS.includes(name));
  return {
    apiVersion,
    kind,
    metadata: { ...own, ...(runs.length > 0 && { ownerReferences: runs }) },
    spec: 'templateRef' in spec ? { templateRef: spec.templateRef } : {},
    ...(status !== undefined && { status: Object.fromEntries(known) }),
    partial: true,
  } as unknown as Resource;
}

/** Returns the full resource. It is read from the API server if the cache holds only a part. */
export async function readFull<Resource extends CachedTeam | CachedTemplate | CachedRun>(
  cached: Resource | undefined,
  api: Pick<KubeApi, 'read'>,
): Promise<Resource | undefined> {
  if (cached?.partial === undefined) return cached;
  const { apiVersion, kind, metadata } = cached;
  const { name, namespace = '' } = metadata;
  const read = await api.read<KubeObject>({ apiVersion, kind, namespace, name });
  return read === undefined ? undefined : trimResource<Resource>(read);
}

/** Copies a resource without the fields that the controller does not use. */
export function trimResource<Resource extends CachedTeam | CachedTemplate | CachedRun>(
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
  const kept = {
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    deletionTimestamp,
    annotations: withoutLastApplied(annotations),
    finalizers,
    ownerReferences,
  };
  const managers = answerManagers(metadata);
  const present = Object.entries(kept).filter(([, value]) => value !== undefined);
  return {
    apiVersion,
    kind,
    metadata: Object.fromEntries(present),
    spec,
    ...(status !== undefined && { status }),
    ...(Object.keys(managers).length > 0 && { answerManagers: managers }),
  } as unknown as Resource;
}

function withoutLastApplied(annotations: KubeObject['metadata']['annotations']) {
  if (annotations?.[LAST_APPLIED] === undefined) return annotations;
  const { [LAST_APPLIED]: _whole, ...rest } = annotations;
  return rest;
}
