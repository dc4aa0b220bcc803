import type { Workflow } from '@agentteam/argo';
import {
  containersOf,
  imageContainers,
  initContainersOf,
  isNativeSidecar,
  runsFromImage,
} from '../containers.ts';
import type { ImageEngine } from '../images/image-engine.ts';
import type { Programs } from '../pod/container.ts';
import { MissingSourceError, type VolumeSources } from '../pod/mounts.ts';

/** @throws MissingSourceError naming everything that a Workflow refers to and that is not given. */
export function requireSources(
  workflow: Workflow,
  given: VolumeSources & { readonly programs: Programs; readonly imageEngine?: ImageEngine },
): void {
  const { spec } = workflow;
  const commands = Object.keys(given.programs.commands);
  const templates = spec.templates ?? [];
  const volumes = [
    ...(spec.volumes ?? []),
    ...templates.flatMap((template) => template.volumes ?? []),
  ];
  const programs = templates
    .flatMap((template) => [...initContainersOf(template), ...containersOf(template)])
    .filter(([, container]) => !runsFromImage(container, commands))
    .map(([, container]) => container.command?.[0] ?? '');
  const missing = [
    ...absent(
      volumes.map(({ persistentVolumeClaim: pvc }) => pvc?.claimName),
      given.claims,
    ).map((name) => `no directory is given for the claim ${name}`),
    ...absent(
      volumes.map(({ configMap }) => configMap?.name),
      given.configMaps,
    ).map((name) => `the ConfigMap ${name} is not given`),
    ...absent(
      volumes.map(({ secret }) => (secret?.optional ? undefined : secret?.secretName)),
      given.secrets,
    ).map((name) => `the Secret ${name} is not given`),
    ...absent(
      volumes.map(({ image }) => image?.reference),
      given.images ?? {},
    ).map((name) => `no directory is given for the image ${name}`),
    ...absent(programs, given.programs.commands).map(
      (name) => `no program is given for the command ${name}`,
    ),
  ];
  if (given.imageEngine === undefined) {
    const names = imageContainers(workflow, commands).map((one) =>
      isNativeSidecar(one[1]) ? `sidecar ${one[0]}` : `container ${one[0]}`,
    );
    missing.push(
      ...[...new Set(names)].map((name) => `podman or docker is needed for the ${name}`),
    );
  }
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
