import type { Container, EnvVar, UserContainer } from '@agentteam/argo';
import {
  CONTAINERS,
  ENV,
  LOADER_VARIABLES,
  RUNTIME,
  VARIABLE_PREFIX,
  variablesOf,
} from '@agentteam/contract';
import type { ResolvedAgent } from '../resolve/agents.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import { RESTRICTED } from './container.ts';
import { join, type Mounted } from './volumes/mounted.ts';

/** What an agent's environment adds to its pod. */
export interface EmittedEnvironment extends Mounted {
  /** Fields that replace those of the agent's container. */
  readonly container: Partial<Container>;
  readonly env: readonly EnvVar[];
  readonly initContainers: readonly UserContainer[];
}

/** Name of the volume with the runtime. */
const RUNTIME_VOLUME = 'runtime';
const FILES_VOLUME = 'runtime-files';
/** Where the container that fills this volume mounts it. */
const COPY_TARGET = '/runtime';

export function emitEnvironment(
  { environment }: ResolvedAgent,
  options: ResolvedOptions,
): EmittedEnvironment {
  const { image, imagePullPolicy, env = [] } = environment;
  const { runtimeInjection } = options.containers;
  const variables = configMapVariables(env.flatMap(({ valueFrom }) => valueFrom ?? []));
  const fields = env.flatMap(({ name, valueFrom }): readonly EnvVar[] =>
    valueFrom?.fieldRef === undefined
      ? []
      : [{ name: `${VARIABLE_PREFIX}${name}`, valueFrom: { fieldRef: valueFrom.fieldRef } }],
  );
  const policy = imagePullPolicy === undefined ? {} : { imagePullPolicy };
  if (image === undefined || runtimeInjection === 'none') {
    return {
      ...variables,
      container: { ...(image !== undefined && { image }), ...policy },
      env: fields,
      initContainers: [],
    };
  }
  const [program, script] = RUNTIME.runner;
  return {
    ...join(runtime(options), variables),
    container: { image, ...policy, command: [program, script] },
    env: [
      { name: ENV.runtime, value: RUNTIME.directory },
      ...LOADER_VARIABLES.map((name) => ({ name, value: '' })),
      ...fields,
    ],
    initContainers: runtimeInjection === 'directory' ? [] : [copyContainer(options)],
  };
}

type Sources = NonNullable<NonNullable<ResolvedAgent['environment']['env']>[number]['valueFrom']>;

/** The ConfigMaps of variables. The runner reads their values, so that no reference in them is expanded. */
function configMapVariables(sources: readonly Sources[]): Mounted {
  const names = new Set(sources.flatMap(({ configMapKeyRef }) => configMapKeyRef?.name ?? []));
  const parts = [...names].map((configMap, index): Mounted => {
    const name = `variables-${index}`;
    return {
      volumes: [{ name, configMap: { name: configMap } }],
      mounts: [{ name, mountPath: variablesOf(configMap), readOnly: true }],
    };
  });
  return join(...parts);
}

/**
 * The runtime in the agent's container. An image volume has the whole image, and a runtime mounts only directories
 * of it (containerd 2.2), so that the files that take the place of the image's own come from another volume.
 */
function runtime({ containers }: ResolvedOptions): Mounted {
  const { image, imagePullPolicy, runtimeInjection } = containers;
  const isCopied = runtimeInjection === 'copy';
  const isImage = runtimeInjection === 'image-volume';
  const below = RUNTIME.directory.slice(1);
  const prefix = isCopied ? '' : `${below}/`;
  const ofTheImage = { image: { reference: image, pullPolicy: imagePullPolicy } };
  return {
    volumes: [
      { name: RUNTIME_VOLUME, ...(isCopied ? { emptyDir: {} } : ofTheImage) },
      ...(isImage ? [{ name: FILES_VOLUME, emptyDir: {} }] : []),
    ],
    mounts: [
      {
        name: RUNTIME_VOLUME,
        mountPath: RUNTIME.directory,
        ...(!isCopied && { subPath: below }),
        readOnly: true,
      },
      ...Object.entries(RUNTIME.replaced).map(([mountPath, inside]) => ({
        name: isImage ? FILES_VOLUME : RUNTIME_VOLUME,
        mountPath,
        subPath: isImage ? basename(inside) : `${prefix}${inside}`,
        readOnly: true,
      })),
    ],
  };
}

/** The last part of a path. */
function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Copies the runtime from our image into its volume, or only the files that an image volume cannot supply. */
function copyContainer({ containers }: ResolvedOptions): UserContainer {
  const { image, imagePullPolicy, runtimeInjection, stepResources } = containers;
  const isCopied = runtimeInjection === 'copy';
  const files = Object.values(RUNTIME.replaced).map((path) => `${RUNTIME.directory}/${path}`);
  return {
    name: CONTAINERS.runtime,
    image,
    imagePullPolicy,
    command: ['cp'],
    // Without --preserve, which would also change the mode of the volume's own directory.
    args: [...(isCopied ? ['-R', `${RUNTIME.directory}/.`] : files), COPY_TARGET],
    volumeMounts: [{ name: isCopied ? RUNTIME_VOLUME : FILES_VOLUME, mountPath: COPY_TARGET }],
    ...(stepResources && { resources: stepResources }),
    securityContext: RESTRICTED,
  };
}
