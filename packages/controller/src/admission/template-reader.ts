import { AGENT_TEAM_TEMPLATE, API_VERSION } from '@agentteam/api';
import type { KubeApi } from '../kube/api.ts';
import type { Lister } from '../kube/collection.ts';
import type { KubeObject } from '../kube/objects.ts';
import { type CachedTemplate, trimResource } from '../reconcile/cached-resource.ts';

/** Reads the full template of a run; undefined if it does not exist. */
export type ReadTemplate = (namespace: string, name: string) => Promise<CachedTemplate | undefined>;

/**
 * Reads templates from the cache, or from the API server if the cache does not hold the full template: a
 * template without its spec would enforce nothing.
 */
export function templateReader(
  templates: Lister<CachedTemplate>,
  api: Pick<KubeApi, 'read'>,
): ReadTemplate {
  return async (namespace, name) => {
    const cached = templates.get(`${namespace}/${name}`);
    if (cached !== undefined && cached.partial === undefined) return cached;
    const { kind } = AGENT_TEAM_TEMPLATE;
    const read = await api.read<KubeObject>({ apiVersion: API_VERSION, kind, namespace, name });
    return read && trimResource<CachedTemplate>(read);
  };
}
