import { customResourceDefinitions } from '@agentteam/api';
import { EXECUTOR } from '@agentteam/compiler';
import { configureDeployment, isDeployment } from './deployment.ts';
import type { Manifest } from './manifest.ts';
import { RENDERED } from './rendered.ts';
import type { Condition } from './rendered-object.ts';
import { type InstallSettings, LABELS } from './settings.ts';

export const KINDS: readonly Manifest[] = customResourceDefinitions;

/** The namespace of the controller. */
export function namespaceObject(namespace: string): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: LABELS } };
}

/** The binding that gives the controller its rights in every namespace. */
export function clusterWideBinding(): Manifest {
  const binding = RENDERED.find(({ when }) => when === 'all-namespaces');
  if (binding === undefined) throw new Error('the chart renders no ClusterRoleBinding');
  return binding.object;
}

/**
 * The objects that the chart renders for an installation without the admission webhook, in the order in which
 * they are created. The webhook is left out because it needs a certificate. Without it, everyone who can
 * write teams can answer gates.
 */
export function controllerObjects(settings: InstallSettings): readonly Manifest[] {
  const { watched, env } = settings;
  const hasArgoServer = Boolean(env['AGENTTEAM_ARGO_SERVER_URL']);
  const applies: Readonly<Record<Condition, boolean>> = {
    always: true,
    'all-namespaces': watched.length === 0,
    'listed-namespaces': watched.length > 0,
    'argo-server': hasArgoServer,
    'no-argo-server': !hasArgoServer,
  };
  return RENDERED.filter(({ when }) => applies[when])
    .toSorted((a, b) => orderOf(a.object) - orderOf(b.object))
    .flatMap(({ when, object }) => {
      const namespaces = when === 'listed-namespaces' ? watched : [settings.namespace];
      return namespaces.map((namespace) => configure(object, namespace, settings));
    });
}

/** A role is created before its binding, and rights before the Deployment that needs them. */
const ORDER = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

function orderOf({ kind }: Manifest): number {
  const index = ORDER.indexOf(kind);
  return index < 0 ? ORDER.length : index;
}

interface Subject {
  readonly namespace: string;
}

interface Rule {
  readonly resourceNames?: readonly string[];
}

/** @param namespace where the object is created, if it is namespaced. */
function configure(object: Manifest, namespace: string, settings: InstallSettings): Manifest {
  if (isDeployment(object)) return configureDeployment(object, settings);
  const { metadata } = object;
  const { subjects, rules } = object as {
    readonly subjects?: readonly Subject[];
    readonly rules?: readonly Rule[];
  };
  const executor = settings.env['AGENTTEAM_EXECUTOR_SERVICE_ACCOUNT'] ?? EXECUTOR;
  return {
    ...object,
    metadata: { ...metadata, ...(metadata.namespace !== undefined && { namespace }) },
    ...(subjects && {
      subjects: subjects.map((subject) => ({ ...subject, namespace: settings.namespace })),
    }),
    ...(rules && { rules: rules.map((rule) => withExecutor(rule, executor)) }),
  };
}

/** The rights of the controller name the service account of Argo's executor, and its token. */
function withExecutor(rule: Rule, executor: string): Rule {
  if (rule.resourceNames === undefined) return rule;
  return {
    ...rule,
    resourceNames: rule.resourceNames.map((name) => name.replace(EXECUTOR, executor)),
  };
}
