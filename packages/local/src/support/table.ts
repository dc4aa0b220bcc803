import type { Shape } from './shape.ts';

/** What this engine executes of a Workflow's spec; see {@link Shape}. */
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
    env: { executed: { name: true, value: true } },
    volumeMounts: { executed: { name: true, mountPath: true, subPath: true, readOnly: true } },
  },
  // Probes only serve traffic between pods here: a container of ours that fails, ends.
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

/** A container before the others: one of the kubelet's own sidecars serves until they have ended. */
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
    // There is no artifact repository on one machine.
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
  ],
};

export const WORKFLOW_SPEC: Shape = {
  executed: {
    entrypoint: true,
    onExit: true,
    arguments: { executed: { parameters: PARAMETER } },
    activeDeadlineSeconds: true,
    shutdown: true,
    // Its size and class are the cluster's business.
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
