import { customResourceDefinitions } from '@agentteam/api';
import { controllerDeployment } from './deployment.ts';
import type { Manifest } from './manifest.ts';
import { controllerRules, OWN_RULES, USER_ROLES, userRules } from './rules.ts';
import { CONTROLLER, type InstallSettings, LABELS } from './settings.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';
const RBAC_GROUP = 'rbac.authorization.k8s.io';

export const KINDS: readonly Manifest[] = customResourceDefinitions;

/** The namespace that the controller lives in. */
export function namespaceObject(namespace: string): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: LABELS } };
}

/** What gives the controller its rights in every namespace. */
export const EVERYWHERE: Manifest = {
  apiVersion: RBAC,
  kind: 'ClusterRoleBinding',
  metadata: { name: CONTROLLER, labels: LABELS },
};

/**
 * The controller and its rights, in the order in which they are made. Without the admission webhook,
 * which needs a certificate: who may answer a gate is then a matter of who may write teams.
 */
export function controllerObjects(settings: InstallSettings): readonly Manifest[] {
  const { namespace, watched } = settings;
  const subjects = [{ kind: 'ServiceAccount', name: CONTROLLER, namespace }];
  const role = (kind: string) => ({ apiGroup: RBAC_GROUP, kind, name: CONTROLLER });
  const inNamespace = (name: string) => ({ name: CONTROLLER, namespace: name, labels: LABELS });
  const clusterWide = { name: CONTROLLER, labels: LABELS };
  const bindings =
    watched.length === 0
      ? [{ kind: 'ClusterRoleBinding', metadata: clusterWide }]
      : watched.map((name) => ({
          kind: 'RoleBinding',
          metadata: { ...inNamespace(name), name: `${CONTROLLER}-teams` },
        }));
  const objects: readonly (Manifest & Readonly<Record<string, unknown>>)[] = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inNamespace(namespace) },
    {
      apiVersion: RBAC,
      kind: 'ClusterRole',
      metadata: clusterWide,
      rules: controllerRules(settings.env),
    },
    ...bindings.map((binding) => ({
      apiVersion: RBAC,
      ...binding,
      roleRef: role('ClusterRole'),
      subjects,
    })),
    { apiVersion: RBAC, kind: 'Role', metadata: inNamespace(namespace), rules: OWN_RULES },
    {
      apiVersion: RBAC,
      kind: 'RoleBinding',
      metadata: inNamespace(namespace),
      roleRef: role('Role'),
      subjects,
    },
    ...userRoles(),
    controllerDeployment(settings),
  ];
  return objects;
}

/** Roles that Kubernetes adds to its own: whoever may edit a namespace may have teams in it. */
function userRoles(): readonly (Manifest & Readonly<Record<string, unknown>>)[] {
  return Object.entries(USER_ROLES).map(([name, { into, verbs }]) => {
    const aggregate = into.map((role) => [`${RBAC_GROUP}/aggregate-to-${role}`, 'true']);
    return {
      apiVersion: RBAC,
      kind: 'ClusterRole',
      metadata: {
        name: `agentteam-${name}`,
        labels: { ...LABELS, ...Object.fromEntries(aggregate) },
      },
      rules: userRules(verbs),
    };
  });
}
