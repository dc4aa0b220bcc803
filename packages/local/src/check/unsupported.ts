import type { EnvVar, Template, Workflow } from '@agentteam/argo';
import { isRecord, parseJson } from '@agentteam/contract';
import {
  containersOf,
  initContainersOf,
  isNativeSidecar,
  type NamedContainer,
} from '../containers.ts';
import { isPodField, POD_FIELDS } from '../pod/fields.ts';
import { WORKFLOW_SPEC } from './executed-fields.ts';
import { graphProblems } from './graph-problems.ts';
import { unknownFields } from './unknown-fields.ts';
import { unknownTags } from './unknown-tags.ts';

/** Paths of all parts of a Workflow that this engine would not execute as Argo does, each with its problem. */
export function unsupported(workflow: Workflow): readonly string[] {
  const problems = [
    ...unknownFields(workflow.spec, WORKFLOW_SPEC, 'spec'),
    ...graphProblems(workflow),
    ...containerProblems(workflow),
  ];
  // Tags are resolved along the graph, so a broken graph would only produce further problems.
  return problems.length > 0 ? problems : unknownTags(workflow);
}

function containerProblems({ spec }: Workflow): readonly string[] {
  return (spec.templates ?? []).flatMap((template) => {
    const volumes = [...(spec.volumes ?? []), ...(template.volumes ?? [])].map(({ name }) => name);
    const before = initContainersOf(template);
    const problems = before.flatMap((one) => sidecarProblems(one, template.name ?? ''));
    const containers = [...before, ...containersOf(template)].flatMap(([name, container]) => {
      const path = `spec.templates[${template.name}].${name}`;
      const variables = (container.env ?? []).map((variable) => variable.name);
      const texts = [
        ...(container.args ?? []),
        ...(container.env ?? []).map(({ value = '' }) => value),
      ];
      return [
        // A native sidecar may run its image's command.
        ...(container.command?.length || isNativeSidecar(container)
          ? []
          : [`${path}: the container needs a command`]),
        ...(container.volumeMounts ?? [])
          .filter((mount) => !volumes.includes(mount.name))
          .map((mount) => `${path}.volumeMounts: no volume is named ${mount.name}`),
        // Kubernetes would replace these by the variable's value. Unknown names stay as they are.
        ...variables
          .filter((variable) => texts.some((text) => text.includes(`$(${variable})`)))
          .map((variable) => `${path}: $(${variable}) is not expanded`),
        ...(container.env ?? []).flatMap((variable) => fieldProblems(variable, path)),
      ];
    });
    return [...patchProblems(template), ...problems, ...containers];
  });
}

/** A process of this machine has no runtime class. Any other patch could change what a container does. */
function patchProblems({ name = '', podSpecPatch }: Template): readonly string[] {
  if (podSpecPatch === undefined) return [];
  const patched = parseJson(podSpecPatch);
  const isClass =
    isRecord(patched) && Object.keys(patched).every((key) => key === 'runtimeClassName');
  return isClass
    ? []
    : [`spec.templates[${name}].podSpecPatch: only runtimeClassName is supported`];
}

/** Checks a variable whose value is a field of the pod. */
function fieldProblems({ name, valueFrom }: EnvVar, path: string): readonly string[] {
  if (valueFrom === undefined) return [];
  const field = valueFrom.fieldRef?.fieldPath;
  if (field === undefined) return [`${path}.env[${name}].valueFrom: only fieldRef is supported`];
  if (isPodField(field)) return [];
  const known = POD_FIELDS.join(' and ');
  return [`${path}.env[${name}]: the field ${field} does not exist on this machine, only ${known}`];
}

/** Checks an init container that may be a native sidecar. */
function sidecarProblems([name, container]: NamedContainer, template: string): readonly string[] {
  const path = `spec.templates[${template}].initContainers[${name}]`;
  const { restartPolicy, startupProbe, ports = [] } = container;
  const port = startupProbe?.httpGet?.port;
  const isKnown = typeof port === 'number' || ports.some((one) => one.name === port);
  return [
    ...(restartPolicy === undefined || isNativeSidecar(container)
      ? []
      : [`${path}.restartPolicy: only Always is supported`]),
    ...(startupProbe === undefined || isNativeSidecar(container)
      ? []
      : [`${path}.startupProbe: only supported with restartPolicy Always`]),
    ...(startupProbe === undefined || isKnown
      ? []
      : [`${path}.startupProbe: only httpGet on a declared port is supported`]),
  ];
}
