import type { Container, Template, UserContainer } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';

/** The containers of a pod by name; the first is the one that its end is judged by. */
export function containersOf(
  template: Template,
): readonly (readonly [string, Container | UserContainer])[] {
  if (template.container === undefined) return [];
  const sidecars = (template.sidecars ?? []).map(
    (sidecar) => [sidecar.name ?? '', sidecar] as const,
  );
  return [[CONTAINERS.main, template.container], ...sidecars];
}
