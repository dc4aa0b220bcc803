import type { Manifest } from './manifest.ts';
import type { InstallSettings } from './settings.ts';

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

interface Container {
  readonly image: string;
  readonly env: readonly Variable[];
}

/** A Deployment, as far as an installation changes what the chart renders. */
interface Deployment extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
}

export function isDeployment(object: Manifest): object is Deployment {
  return object.kind === 'Deployment';
}

/** The controller's Deployment with the image, the replicas and the environment of an installation. */
export function configureDeployment(deployment: Deployment, settings: InstallSettings): Manifest {
  const { namespace, image, replicas } = settings;
  const { metadata, spec } = deployment;
  const pod = spec.template.spec;
  const containers = pod.containers.map((container) => ({
    ...container,
    image,
    env: environment(container.env, settings),
  }));
  const configured: Deployment = {
    ...deployment,
    metadata: { ...metadata, namespace },
    spec: { ...spec, replicas, template: { ...spec.template, spec: { ...pod, containers } } },
  };
  return configured;
}

/** Variables of the installation replace those of the chart that have the same name. */
function environment(
  rendered: readonly Variable[],
  { image, watched, storageClass, env }: InstallSettings,
): readonly Variable[] {
  const own = new Map<string, string>([
    ['AGENTTEAM_IMAGE', image],
    ...(watched.length === 0 ? [] : [['AGENTTEAM_NAMESPACES', watched.join(',')] as const]),
    ...(storageClass === undefined ? [] : [['AGENTTEAM_STORAGE_CLASS', storageClass] as const]),
    ...Object.entries(env),
  ]);
  return [
    ...rendered.filter(({ name }) => !own.has(name)),
    ...[...own].map(([name, value]) => ({ name, value })),
  ];
}
