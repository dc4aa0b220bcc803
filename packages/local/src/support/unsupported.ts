import type { Workflow } from '@agentteam/argo';
import { isNativeSidecar } from '../pod/native-sidecar.ts';
import { containersOf, initContainersOf, type NamedContainer } from './containers.ts';
import { graphProblems } from './graph.ts';
import { unknownFields } from './shape.ts';
import { WORKFLOW_SPEC } from './table.ts';
import { unknownTags } from './tags.ts';

/** Every part of a Workflow that this engine would not execute as Argo does, by path. */
export function unsupported(workflow: Workflow): readonly string[] {
  const problems = [
    ...unknownFields(workflow.spec, WORKFLOW_SPEC, 'spec'),
    ...graphProblems(workflow),
    ...containerProblems(workflow),
  ];
  // Tags are looked up along the graph: they say nothing new of one that is broken.
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
        ...(container.command?.length ? [] : [`${path}: a container without a command`]),
        ...(container.volumeMounts ?? [])
          .filter((mount) => !volumes.includes(mount.name))
          .map((mount) => `${path}.volumeMounts: there is no volume ${mount.name}`),
        // Kubernetes puts a variable's value there; what it does not know it leaves alone.
        ...variables
          .filter((variable) => texts.some((text) => text.includes(`$(${variable})`)))
          .map((variable) => `${path}: $(${variable})`),
      ];
    });
    return [...problems, ...containers];
  });
}

/** Of an init container that is started again: only what the kubelet calls a sidecar. */
function sidecarProblems([name, container]: NamedContainer, template: string): readonly string[] {
  const path = `spec.templates[${template}].initContainers[${name}]`;
  const { restartPolicy, startupProbe, ports = [] } = container;
  const port = startupProbe?.httpGet?.port;
  const isKnown = typeof port === 'number' || ports.some((one) => one.name === port);
  return [
    ...(restartPolicy === undefined || isNativeSidecar(container)
      ? []
      : [`${path}.restartPolicy: only Always`]),
    ...(startupProbe === undefined || isNativeSidecar(container)
      ? []
      : [`${path}.startupProbe: only with restartPolicy Always`]),
    ...(startupProbe === undefined || isKnown
      ? []
      : [`${path}.startupProbe: only httpGet at a port of the container`]),
  ];
}
