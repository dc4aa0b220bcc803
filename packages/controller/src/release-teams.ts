import { AGENT_TEAM, API_VERSION } from '@agentteam/api';
import type { KubeApi } from './kube/api.ts';
import { httpStatus } from './kube/kube-error.ts';
import type { KubeObject } from './kube/objects.ts';
import { refOf, STOP_FINALIZER } from './reconcile/team/refs.ts';

const PAGE = 250;

/**
 * Removes the controller's finalizer from every team when the controller is uninstalled. Without a
 * controller, teams with the finalizer and their namespaces could not be deleted.
 * @param namespaces the namespaces that the controller watched; empty: all.
 * @returns the number of teams that had the finalizer.
 */
export async function releaseTeams(
  api: Pick<KubeApi, 'list' | 'read' | 'patch'>,
  namespaces: readonly string[],
): Promise<number> {
  let released = 0;
  const scopes = namespaces.length > 0 ? namespaces.map((namespace) => ({ namespace })) : [{}];
  for (const scope of scopes) {
    let continueToken: string | undefined;
    do {
      const page = await api.list<KubeObject>(
        { apiVersion: API_VERSION, kind: AGENT_TEAM.kind },
        {
          ...{ ...scope, limit: PAGE, metadataOnly: true },
          ...(continueToken !== undefined && { continueToken }),
        },
      );
      for (const team of page.items) if (await release(team, api)) released += 1;
      ({ continueToken } = page);
    } while (continueToken !== undefined);
  }
  return released;
}

async function release(listed: KubeObject, api: Pick<KubeApi, 'read' | 'patch'>): Promise<boolean> {
  // The items of a list have no kind.
  const ref = refOf({ ...listed, apiVersion: API_VERSION, kind: AGENT_TEAM.kind });
  for (let team: KubeObject | undefined = listed; team !== undefined; ) {
    const { finalizers = [], resourceVersion } = team.metadata;
    if (!finalizers.includes(STOP_FINALIZER)) return false;
    const rest = finalizers.filter((finalizer) => finalizer !== STOP_FINALIZER);
    try {
      await api.patch(ref, { metadata: { resourceVersion, finalizers: rest } });
      return true;
    } catch (error) {
      if (httpStatus(error) === 404) return false;
      if (httpStatus(error) !== 409) throw error;
      team = await api.read<KubeObject>(ref);
    }
  }
  return false;
}
