/** An object beside a Workflow: with whatever its kind has besides. */
export interface Companion {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

const LABELS = { 'app.kubernetes.io/managed-by': 'agentteam' };

/**
 * What every team of a namespace needs once: the service account under which Argo's executor
 * reports from a pod, what that account may do, and its token. Argo mounts the Secret named
 * `<account>.service-account-token` because agent pods mount no token of their own; without that
 * Secret a pod would wait for ever. In the order in which they must be made.
 *
 * @param namespace absent: the one that they are applied to.
 */
export function executorCompanions(
  account: string,
  namespace: string | undefined,
): readonly Companion[] {
  const metadata = { name: account, ...(namespace !== undefined && { namespace }), labels: LABELS };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      // The one thing the executor does: report a step's outputs and progress.
      rules: [
        {
          apiGroups: ['argoproj.io'],
          resources: ['workflowtaskresults'],
          verbs: ['create', 'patch'],
        },
      ],
    },
    roleBinding(metadata),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        ...metadata,
        name: `${account}.service-account-token`,
        annotations: { 'kubernetes.io/service-account.name': account },
      },
      type: 'kubernetes.io/service-account-token',
    },
  ];
}

/** Binds a service account to the role of its own name. */
export function roleBinding(metadata: Companion['metadata']): Companion {
  const { name, namespace } = metadata;
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, ...(namespace !== undefined && { namespace }) }],
  };
}
