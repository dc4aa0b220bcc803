import type { AgentTeam } from '@agentteam/api';
import type { KubeObject } from '../../kube/objects.ts';

/** Held by a team from its Workflow's creation on, so that deleting it stops the Workflow first. */
export const STOP_FINALIZER = 'claude.amcheste.io/stop-workflow';

/** A team as the controller keeps it: without `managedFields`, which are half of it. */
export type StoredTeam = AgentTeam & KubeObject;

export function storeTeam(object: KubeObject): StoredTeam {
  const { apiVersion, kind, metadata, spec, status } = object as StoredTeam;
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
  } = metadata;
  const stored = {
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    creationTimestamp: iso(creationTimestamp),
    deletionTimestamp: iso(deletionTimestamp),
    annotations,
    finalizers,
  };
  const present = Object.entries(stored).filter(([, value]) => value !== undefined);
  return {
    apiVersion,
    kind,
    metadata: Object.fromEntries(present) as unknown as StoredTeam['metadata'],
    spec,
    ...(status !== undefined && { status }),
  };
}

/** The client library makes dates of an object's own times when it lists, and not when it watches. */
function iso(time: unknown): string | undefined {
  if (time instanceof Date) return time.toISOString().replace(/\.\d+Z$/, 'Z');
  return typeof time === 'string' ? time : undefined;
}
