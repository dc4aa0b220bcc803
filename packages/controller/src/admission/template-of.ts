import { AGENT_TEAM_TEMPLATE, API_VERSION } from '@agentteam/api';
import type { KubeApi } from '../kube/api.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Store } from '../reconcile/store.ts';
import { type StoredTemplate, storeResource } from '../reconcile/stored.ts';

/** The template of a run, as a whole; undefined where there is none. */
export type TemplateOf = (namespace: string, name: string) => Promise<StoredTemplate | undefined>;

/**
 * Reads templates from memory, and from the API server what memory does not have as a whole: a template
 * without its spec would enforce nothing.
 */
export function templateReader(
  templates: Store<StoredTemplate>,
  api: Pick<KubeApi, 'read'>,
): TemplateOf {
  return async (namespace, name) => {
    const known = templates.get(`${namespace}/${name}`);
    if (known !== undefined && known.lean === undefined) return known;
    const { kind } = AGENT_TEAM_TEMPLATE;
    const read = await api.read<KubeObject>({ apiVersion: API_VERSION, kind, namespace, name });
    return read && storeResource<StoredTemplate>(read);
  };
}
