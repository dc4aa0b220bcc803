import type { Manifest } from './manifest.ts';
import { CONTROLLER, type InstallSettings, LABELS } from './settings.ts';

const PORT = 8080;
/** As in the chart: a larger young generation takes memory for nothing. */
const DEFAULTS = { NODE_OPTIONS: '--max-semi-space-size=4' };
/** The image's one user. */
const USER = 1000;
const SELECTOR = {
  'app.kubernetes.io/name': 'agentteam',
  'app.kubernetes.io/component': 'controller',
};

/**
 * Replicas watch, and one of them works: a second one takes over within seconds. The same as the
 * chart's with its webhook off.
 */
export function controllerDeployment(
  settings: InstallSettings,
): Manifest & Readonly<Record<string, unknown>> {
  const { namespace, image, replicas } = settings;
  const labels = { ...LABELS, ...SELECTOR };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: CONTROLLER, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: SELECTOR },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: CONTROLLER,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            ...{ runAsUser: USER, runAsGroup: USER, fsGroup: USER },
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'controller',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: [CONTROLLER],
              env: environment(settings),
              ports: [{ name: 'metrics', containerPort: PORT }],
              livenessProbe: { ...probe('/healthz', 15), failureThreshold: 4 },
              readinessProbe: probe('/readyz', 5),
              resources: {
                requests: { cpu: '50m', memory: '128Mi' },
                limits: { memory: '512Mi' },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
          // Two replicas on one node would go down with it.
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: SELECTOR },
            },
          ],
        },
      },
    },
  };
}

function environment({ image, watched, storageClass, env }: InstallSettings): readonly object[] {
  const fromField = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  });
  return [
    { name: 'AGENTTEAM_IMAGE', value: image },
    ...(watched.length === 0 ? [] : [{ name: 'AGENTTEAM_NAMESPACES', value: watched.join(',') }]),
    ...(storageClass === undefined
      ? []
      : [{ name: 'AGENTTEAM_STORAGE_CLASS', value: storageClass }]),
    ...Object.entries({ ...DEFAULTS, ...env }).map(([name, value]) => ({ name, value })),
    fromField('POD_NAME', 'metadata.name'),
    fromField('POD_NAMESPACE', 'metadata.namespace'),
  ];
}

function probe(path: string, periodSeconds: number): object {
  return { httpGet: { path, port: 'metrics' }, periodSeconds };
}
