import type { Ref, Stored } from '../controller/cluster.ts';
import type { Site } from './site.ts';

/** A pod with one container, which finds its files in `/files`. */
export interface PodParts {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly command: readonly string[];
  /** Ports on which it listens. */
  readonly ports: readonly number[];
}

/** Starts a pod with the product's image. @returns its address when all its ports answer. */
export async function servePod(
  { cluster, image }: Site,
  namespace: string,
  { name, files, command, ports }: PodParts,
): Promise<string> {
  const data = Object.entries(files).map(([file, content]) => [
    file,
    Buffer.from(content).toString('base64'),
  ]);
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    ...{ binaryData: Object.fromEntries(data) },
  });
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      securityContext: {
        ...{ runAsNonRoot: true, runAsUser: 1000 },
        seccompProfile: { type: 'RuntimeDefault' },
      },
      volumes: [{ name: 'files', configMap: { name } }],
      containers: [
        {
          name: 'main',
          image: `${image.repository}:${image.tag}`,
          imagePullPolicy: 'IfNotPresent',
          command,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          ports: ports.map((containerPort) => ({ containerPort })),
          readinessProbe: { tcpSocket: { port: ports.at(-1) }, periodSeconds: 1 },
          volumeMounts: [{ name: 'files', mountPath: '/files' }],
        },
      ],
    },
  });
  return cluster.until(
    podRef(name, namespace),
    (now) =>
      now?.status?.conditions?.some(
        (one: { type: string; status: string }) => one.type === 'Ready' && one.status === 'True',
      ) && (now.status.podIP as string),
  );
}

/** Runs a pod until it ends. @throws Error if it fails. */
export async function runPod({ cluster }: Site, namespace: string, pod: Stored): Promise<void> {
  const { name = '' } = pod.metadata ?? {};
  await cluster.apply(pod);
  const phase = await cluster.until(
    podRef(name, namespace),
    (now) => ['Succeeded', 'Failed'].includes(now?.status?.phase) && (now?.status.phase as string),
  );
  if (phase === 'Failed') throw new Error(`the pod ${name} failed`);
}

function podRef(name: string, namespace: string): Ref {
  return { apiVersion: 'v1', kind: 'Pod', name, namespace };
}
