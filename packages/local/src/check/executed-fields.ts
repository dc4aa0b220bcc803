import type { Shape } from './unknown-fields.ts';

const OUTPUT_VALUE: Shape = { executed: { path: true, default: true, supplied: true } };

const PARAMETER: Shape = {
  executed: { name: true, value: true, default: true },
  harmless: ['enum', 'description'],
};

const CONTAINER: Shape = {
  executed: {
    name: true,
    command: true,
    args: true,
    env: {
      executed: {
        name: true,
        value: true,
        valueFrom: {
          executed: { fieldRef: { executed: { fieldPath: true }, harmless: ['apiVersion'] } },
        },
      },
    },
    volumeMounts: { executed: { name: true, mountPath: true, subPath: true, readOnly: true } },
  },
  // A readiness probe only matters to Services, which do not exist here.
  harmless: [
    'image',
    'imagePullPolicy',
    'resources',
    'securityContext',
    'ports',
    'readinessProbe',
    'terminationMessagePath',
    'terminationMessagePolicy',
  ],
};

/** An init container may also be a native sidecar, with a startup probe. */
const INIT_CONTAINER: Shape = {
  ...CONTAINER,
  executed: {
    ...CONTAINER.executed,
    restartPolicy: true,
    ports: { executed: { name: true, containerPort: true }, harmless: ['protocol'] },
    startupProbe: {
      executed: {
        httpGet: { executed: { path: true, port: true } },
        periodSeconds: true,
        failureThreshold: true,
      },
    },
  },
  harmless: CONTAINER.harmless?.filter((field) => field !== 'ports') ?? [],
};

const VOLUME: Shape = {
  executed: {
    name: true,
    emptyDir: { executed: {}, harmless: ['medium', 'sizeLimit'] },
    secret: { executed: { secretName: true, optional: true }, harmless: ['defaultMode'] },
    configMap: { executed: { name: true }, harmless: ['defaultMode'] },
    persistentVolumeClaim: { executed: { claimName: true, readOnly: true } },
  },
};

const TEMPLATE: Shape = {
  executed: {
    name: true,
    dag: {
      executed: {
        failFast: true,
        target: true,
        tasks: {
          executed: {
            name: true,
            template: true,
            depends: true,
            when: true,
            arguments: { executed: { parameters: { executed: { name: true, value: true } } } },
          },
        },
      },
    },
    suspend: { executed: { duration: true } },
    container: CONTAINER,
    initContainers: INIT_CONTAINER,
    sidecars: CONTAINER,
    inputs: { executed: { parameters: PARAMETER } },
    outputs: {
      executed: {
        parameters: {
          executed: { name: true, valueFrom: OUTPUT_VALUE },
          harmless: ['description'],
        },
      },
    },
    retryStrategy: {
      executed: {
        limit: true,
        retryPolicy: true,
        expression: true,
        backoff: { executed: { duration: true, factor: true, cap: true } },
      },
    },
    volumes: VOLUME,
  },
  harmless: [
    // The engine has no artifact repository.
    'archiveLocation',
    'metadata',
    'affinity',
    'nodeSelector',
    'tolerations',
    'securityContext',
    'serviceAccountName',
    'automountServiceAccountToken',
    'executor',
    'priorityClassName',
    // A check of its own allows the runtime class, and nothing else.
    'podSpecPatch',
  ],
};

/** The fields of a Workflow's spec that this engine executes. */
export const WORKFLOW_SPEC: Shape = {
  executed: {
    entrypoint: true,
    onExit: true,
    arguments: { executed: { parameters: PARAMETER } },
    activeDeadlineSeconds: true,
    shutdown: true,
    volumes: VOLUME,
    templates: TEMPLATE,
  },
  harmless: [
    'serviceAccountName',
    'automountServiceAccountToken',
    'executor',
    'podMetadata',
    'securityContext',
    'imagePullSecrets',
    'nodeSelector',
    'tolerations',
    'affinity',
    'priority',
    'podPriorityClassName',
    'schedulerName',
    'podGC',
  ],
};
