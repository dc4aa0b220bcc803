import type { Container, Template, UserContainer, Workflow } from '@agentteam/argo';
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

/**
 * The native sidecars that run from their image, because none of the given programs takes its place.
 * @param programs names of commands that have a program on this machine.
 */
export function imageSidecars(
  { spec }: Workflow,
  programs: readonly string[],
): readonly NamedContainer[] {
  return (spec.templates ?? [])
    .flatMap(initContainersOf)
    .filter(([, container]) => runsFromImage(container, programs));
}

export function runsFromImage(container: NamedContainer[1], programs: readonly string[]): boolean {
  return isNativeSidecar(container) && !programs.includes(container.command?.[0] ?? '');
}
