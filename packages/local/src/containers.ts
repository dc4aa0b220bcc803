import type { Container, Template, UserContainer } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';

export type NamedContainer = readonly [name: string, container: Container | UserContainer];

/** The containers of a template that run in parallel, the main container first. */
export function containersOf(template: Template): readonly NamedContainer[] {
  if (template.container === undefined) return [];
  return [[CONTAINERS.main, template.container], ...named(template.sidecars)];
}

/** The containers that start before those, one after the other. */
export function initContainersOf(template: Template): readonly NamedContainer[] {
  return named(template.initContainers);
}

function named(containers: readonly UserContainer[] = []): readonly NamedContainer[] {
  return containers.map((container) => [container.name ?? '', container] as const);
}

/** Whether an init container is one that the kubelet keeps running beside the containers after it. */
export function isNativeSidecar({ restartPolicy }: Container | UserContainer): boolean {
  return restartPolicy === 'Always';
}
