import type { Workflow } from '@agentteam/argo';
import type { Programs } from '../pod/container.ts';
import { MissingSourceError, type VolumeSources } from '../pod/mounts.ts';
import { containersOf, initContainersOf } from './containers.ts';

/** @throws MissingSourceError naming all that a Workflow refers to and that nobody provided. */
export function requireSources(
  { spec }: Workflow,
  given: VolumeSources & { readonly programs: Programs },
): void {
  const templates = spec.templates ?? [];
  const volumes = [
    ...(spec.volumes ?? []),
    ...templates.flatMap((template) => template.volumes ?? []),
  ];
  const programs = templates
    .flatMap((template) => [...initContainersOf(template), ...containersOf(template)])
    .map(([, container]) => container.command?.[0] ?? '');
  const missing = [
    ...absent(
      volumes.map(({ persistentVolumeClaim: pvc }) => pvc?.claimName),
      given.claims,
    ).map((name) => `no directory stands for the claim ${name}`),
    ...absent(
      volumes.map(({ configMap }) => configMap?.name),
      given.configMaps,
    ).map((name) => `there is no ConfigMap ${name}`),
    ...absent(
      volumes.map(({ secret }) => (secret?.optional ? undefined : secret?.secretName)),
      given.secrets,
    ).map((name) => `there is no Secret ${name}`),
    ...absent(programs, given.programs.commands).map((name) => `no program stands for ${name}`),
  ];
  if (missing.length > 0) throw new MissingSourceError(missing.join('; '));
}

function absent(
  names: readonly (string | undefined)[],
  given: Readonly<Record<string, unknown>>,
): readonly string[] {
  return [...new Set(names)].flatMap((name) =>
    name === undefined || Object.hasOwn(given, name) ? [] : [name],
  );
}
