import type { Container, Template, UserContainer, Workflow } from '@agentteam/argo';
import { parseDepends } from '../dag/depends.ts';
import { isSupportedWhen } from '../dag/when.ts';

/** What this engine executes, and what means nothing on one machine. Everything else is refused. */
const WORKFLOW_SPEC = {
  executed: [
    'entrypoint',
    'onExit',
    'activeDeadlineSeconds',
    'volumeClaimTemplates',
    'templates',
    'shutdown',
  ],
  harmless: [
    'serviceAccountName',
    'automountServiceAccountToken',
    'executor',
    'podMetadata',
    'securityContext',
    'imagePullSecrets',
    'nodeSelector',
    'tolerations',
    'podGC',
    'volumeClaimGC',
  ],
};
const TEMPLATE = {
  executed: [
    'name',
    'dag',
    'suspend',
    'container',
    'sidecars',
    'inputs',
    'outputs',
    'retryStrategy',
    'volumes',
  ],
  harmless: ['metadata'],
};
const CONTAINER = {
  executed: ['name', 'command', 'args', 'env', 'volumeMounts'],
  harmless: ['image', 'imagePullPolicy', 'resources', 'securityContext', 'ports'],
};
const TASK = { executed: ['name', 'template', 'depends', 'when', 'arguments'], harmless: [] };
const RETRY = { executed: ['limit', 'retryPolicy', 'expression'], harmless: [] };
const VOLUME = {
  executed: ['name', 'emptyDir', 'secret', 'configMap', 'persistentVolumeClaim'],
  harmless: [],
};

/** Every part of a Workflow that this engine would not execute as Argo does, by path. */
export function unsupported(workflow: Workflow): readonly string[] {
  const { spec } = workflow;
  const templates = spec.templates ?? [];
  return [
    ...unknownKeys(spec, WORKFLOW_SPEC, 'spec'),
    ...templates.flatMap((template, index) =>
      inTemplate(template, `spec.templates[${index}] (${template.name ?? ''})`),
    ),
  ];
}

function inTemplate(template: Template, path: string): readonly string[] {
  const kinds = [template.dag, template.suspend, template.container].filter(Boolean).length;
  const tasks = template.dag?.tasks ?? [];
  const targets = template.dag?.target?.split(' ') ?? [];
  return [
    ...unknownKeys(template, TEMPLATE, path),
    ...(kinds === 1 ? [] : [`${path}: a template is one of dag, suspend and container`]),
    ...(template.dag?.failFast === false || template.dag === undefined
      ? []
      : [`${path}.dag.failFast: only false`]),
    ...(tasks.every(({ name }) => targets.includes(name))
      ? []
      : [`${path}.dag.target: only all tasks`]),
    ...tasks.flatMap((task) => [
      ...unknownKeys(task, TASK, `${path}.dag.${task.name}`),
      ...(task.when === undefined || isSupportedWhen(task.when)
        ? []
        : [`${path}.dag.${task.name}.when: ${task.when}`]),
      ...dependsProblem(task.depends, `${path}.dag.${task.name}.depends`),
    ]),
    ...(template.retryStrategy === undefined
      ? []
      : unknownKeys(template.retryStrategy, RETRY, `${path}.retryStrategy`)),
    ...(template.volumes ?? []).flatMap((volume) =>
      unknownKeys(volume, VOLUME, `${path}.volumes.${volume.name}`),
    ),
    ...containersOf(template).flatMap(([name, container]) =>
      inContainer(container, `${path}.${name}`),
    ),
  ];
}

function inContainer(container: Container | UserContainer, path: string): readonly string[] {
  return [
    ...unknownKeys(container, CONTAINER, path),
    ...(container.env ?? []).flatMap((variable) =>
      variable.valueFrom === undefined ? [] : [`${path}.env.${variable.name}.valueFrom`],
    ),
    ...(container.command?.length ? [] : [`${path}: a container without a command`]),
  ];
}

/** The containers of a pod by name; the first is the one that its end is judged by. */
export function containersOf(
  template: Template,
): readonly (readonly [string, Container | UserContainer])[] {
  if (template.container === undefined) return [];
  const sidecars = (template.sidecars ?? []).map(
    (sidecar) => [sidecar.name ?? '', sidecar] as const,
  );
  return [['main', template.container], ...sidecars];
}

function dependsProblem(depends: string | undefined, path: string): readonly string[] {
  if (depends === undefined) return [];
  try {
    parseDepends(depends);
    return [];
  } catch (error) {
    return [`${path}: ${(error as Error).message}`];
  }
}

function unknownKeys(
  object: object,
  known: { readonly executed: readonly string[]; readonly harmless: readonly string[] },
  path: string,
): readonly string[] {
  return Object.entries(object)
    .filter(
      ([key, value]) =>
        value !== undefined && ![...known.executed, ...known.harmless].includes(key),
    )
    .map(([key]) => `${path}.${key}`);
}
