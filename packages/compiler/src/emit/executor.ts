import { ACCOUNT_TOKEN_END } from '@agentteam/contract';

/** An object that a Workflow needs beside it, of any kind. */
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
 * The objects that all teams of a namespace share: the service account under which Argo's executor reports
 * from a pod, its role, and its token. Agent pods mount no token of their own, so Argo mounts the Secret
 * `<account>.service-account-token`; without it a pod would wait forever. The objects are in the order in
 * which they must be created.
 *
 * @param namespace undefined: the namespace that they are applied to.
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
      // The executor only reports a step's outputs and progress.
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
        name: `${account}${ACCOUNT_TOKEN_END}`,
        annotations: { 'kubernetes.io/service-account.name': account },
      },
      type: 'kubernetes.io/service-account-token',
    },
  ];
}

/** Binds a service account to the role of the same name. */
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
