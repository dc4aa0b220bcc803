import type { Container, Template, UserContainer } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';

export type NamedContainer = readonly [name: string, container: Container | UserContainer];

/** The containers of a pod that run side by side; the first is the one that its end is judged by. */
export function containersOf(template: Template): readonly NamedContainer[] {
  if (template.container === undefined) return [];
  return [[CONTAINERS.main, template.container], ...named(template.sidecars)];
}

/** Those that run before them, one after the other, each to its end. */
export function initContainersOf(template: Template): readonly NamedContainer[] {
  return named(template.initContainers);
}

function named(containers: readonly UserContainer[] = []): readonly NamedContainer[] {
  return containers.map((container) => [container.name ?? '', container] as const);
}
