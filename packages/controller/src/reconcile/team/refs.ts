import { workflowName } from '@agentteam/compiler';
import type { KubeObject, ObjectRef } from '../../kube/objects.ts';
import type { CachedTeam } from '../cached-resource.ts';

/** A running team has this finalizer, so that deleting the team stops its Workflow first. */
export const STOP_FINALIZER = 'claude.amcheste.io/stop-workflow';

/** Identifies a namespaced object. */
export type NamespacedRef = ObjectRef & { readonly namespace: string };

export function refOf({ apiVersion, kind, metadata }: KubeObject): NamespacedRef {
  return { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

export function workflowRef({ metadata }: CachedTeam): NamespacedRef {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    namespace: metadata.namespace ?? '',
    name: workflowName(metadata.name),
  };
}

/** Compares kind and group as well: a policy protects the owners that name them, and no others. */
export function isOwnedBy(object: KubeObject, { apiVersion, kind, metadata }: KubeObject): boolean {
  return (object.metadata.ownerReferences ?? []).some(
    (owner) =>
      owner.uid === metadata.uid &&
      owner.kind === kind &&
      groupOf(owner.apiVersion) === groupOf(apiVersion),
  );
}

function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, apiVersion.lastIndexOf('/') + 1);
}
