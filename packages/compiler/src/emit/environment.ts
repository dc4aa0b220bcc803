import type { Container, EnvVar, UserContainer, Volume } from '@agentteam/argo';
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
    initContainers: runtimeInjection === 'copy' ? [copyContainer(options)] : [],
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

/** The volume with the runtime, and the mounts of the agent's container. */
function runtime({ containers }: ResolvedOptions): Mounted {
  const { image, imagePullPolicy, runtimeInjection } = containers;
  const isCopied = runtimeInjection === 'copy';
  const source: Partial<Volume> = isCopied
    ? { emptyDir: {} }
    : { image: { reference: image, pullPolicy: imagePullPolicy } };
  // An image volume has the whole image.
  const below = isCopied ? '' : RUNTIME.directory.slice(1);
  const mount = (mountPath: string, path: string) => {
    const subPath = [below, path].filter((part) => part !== '').join('/');
    return {
      name: RUNTIME_VOLUME,
      mountPath,
      ...(subPath !== '' && { subPath }),
      readOnly: true,
    };
  };
  return {
    volumes: [{ name: RUNTIME_VOLUME, ...source }],
    mounts: [
      mount(RUNTIME.directory, ''),
      ...Object.entries(RUNTIME.replaced).map(([path, inside]) => mount(path, inside)),
    ],
  };
}

/** Copies the runtime from our image into the volume. */
function copyContainer({ containers }: ResolvedOptions): UserContainer {
  const { image, imagePullPolicy, stepResources } = containers;
  return {
    name: CONTAINERS.runtime,
    image,
    imagePullPolicy,
    command: ['cp'],
    // Without --preserve, which would also change the mode of the volume's own directory.
    args: ['-R', `${RUNTIME.directory}/.`, COPY_TARGET],
    volumeMounts: [{ name: RUNTIME_VOLUME, mountPath: COPY_TARGET }],
    ...(stepResources && { resources: stepResources }),
    securityContext: RESTRICTED,
  };
}
