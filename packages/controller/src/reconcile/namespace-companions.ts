import { roleBinding } from '@agentteam/compiler';
import type { KubeApi } from '../kube/api.ts';
import type { Manifest } from '../kube/objects.ts';

const APPLY_AGAIN_MS = 3_600_000;

/**
 * The objects that the WorkflowTemplates of a namespace need: a service account under which Argo's
 * executor creates runs of templates and reads their status.
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
 * Applies the objects that teams need once per namespace, and applies them again after an hour in case
 * a person has deleted one. Concurrent calls for the same namespace share one application.
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
    if (known !== undefined && now - known.at < APPLY_AGAIN_MS) return known.done;
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
    // The order matters: Kubernetes deletes a token Secret whose service account does not exist yet.
    for (const object of this.#companions(namespace)) {
      await this.#api.apply(object);
    }
  }
}
