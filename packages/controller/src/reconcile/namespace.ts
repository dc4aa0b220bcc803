import { roleBinding } from '@agentteam/compiler';
import type { KubeApi } from '../kube/api.ts';
import type { Manifest } from '../kube/objects.ts';

/**
 * What the WorkflowTemplates of a namespace need once: an account under which Argo's executor makes
 * runs of templates and looks how they end.
 */
export function submitterCompanions(namespace: string, account: string): readonly Manifest[] {
  const labels = { 'app.kubernetes.io/managed-by': 'agentteam' };
  const metadata = { name: account, namespace, labels };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [
        {
          apiGroups: ['claude.amcheste.io'],
          resources: ['agentteams', 'agentteamruns'],
          verbs: ['create', 'get', 'list', 'watch'],
        },
        {
          apiGroups: ['argoproj.io'],
          resources: ['workflowtaskresults'],
          verbs: ['create', 'patch'],
        },
      ],
    },
    roleBinding(metadata),
  ];
}

/**
 * Applies a namespace's companions when they are needed first, and again an hour later: a person may
 * have deleted one. Whoever needs those of the same namespace waits for the same application.
 */
export class NamespaceCompanions {
  readonly #api: KubeApi;
  readonly #companions: (namespace: string) => readonly Manifest[];
  readonly #applied = new Map<string, { readonly at: number; readonly done: Promise<void> }>();

  constructor(api: KubeApi, companions: (namespace: string) => readonly Manifest[]) {
    this.#api = api;
    this.#companions = companions;
  }

  async ensure(namespace: string, now: number): Promise<void> {
    const known = this.#applied.get(namespace);
    if (known !== undefined && now - known.at < 3_600_000) return known.done;
    const done = this.#apply(namespace);
    this.#applied.set(namespace, { at: now, done });
    try {
      await done;
    } catch (error) {
      this.#applied.delete(namespace);
      throw error;
    }
  }

  async #apply(namespace: string): Promise<void> {
    // In order: a token Secret whose account does not exist yet is deleted by the token controller.
    for (const object of this.#companions(namespace)) {
      await this.#api.apply(object);
    }
  }
}
