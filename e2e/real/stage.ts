import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { helm } from '../chart/helm.ts';
import type { Ref, Stored } from '../controller/cluster.ts';
import { teamRef, workflowRef } from '../controller/teams.ts';
import type { Site } from './site.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const RELEASE = 'agentteam';
const PORT = 8080;

export interface StageOptions {
  /** The team as it will be applied; a rehearsal plays its model. */
  readonly team: (rehearsalUrl: string) => Stored;
  /** Text of a rehearsal script; absent: one made from the team. */
  readonly script?: string;
  /** Further values of the chart. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** A namespace of a cluster with the chart in it, a rehearsal, and what a team needs. */
export interface Stage {
  readonly site: Site;
  readonly namespace: string;
  readonly rehearsalUrl: string;
  readonly team: Stored;
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  apply(object: Stored): Promise<Stored>;
  /** Applies the team. */
  start(): Promise<void>;
  /** Waits until the team is as asked. */
  until<T>(holds: (status: Stored['status']) => T | undefined | false): Promise<T>;
  ended(): Promise<Stored['status']>;
  workflow(): Promise<Stored | undefined>;
  /** Waits until the Workflow is as asked. */
  workflowIs<T>(holds: (workflow: Stored) => T | undefined | false): Promise<T>;
  close(): Promise<void>;
}

const ENDED = ['Completed', 'Failed', 'TimedOut', 'BudgetExceeded'];
let stages = 0;

/**
 * Sets a stage up: namespace, volumes, a pod that plays the model, the chart with a controller for
 * this namespace alone.
 */
export async function openStage(site: Site, options: StageOptions): Promise<Stage> {
  const { cluster } = site;
  stages += 1;
  const namespace = `e2e-${process.pid.toString(36)}-${stages}`;
  await cluster.namespace(namespace);
  const kubectl = (...args: readonly string[]) => cluster.kubectl('-n', namespace, ...args);
  const inNamespace = (object: Stored): Stored => ({
    ...object,
    metadata: { ...object.metadata, namespace },
  });
  const apply = (object: Stored) => cluster.apply(inNamespace(object));
  const storageClass = site.storageClass ?? (await directories(site, namespace));
  await apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: options.team('').spec.auth.apiKeySecret },
    ...{ stringData: { ANTHROPIC_API_KEY: 'sk-ant-rehearsal' } },
  });
  const rehearsalUrl = await rehearsal(site, namespace, options);
  const team = inNamespace(options.team(rehearsalUrl));
  const { name = '' } = team.metadata ?? {};
  const { values = {} } = options;
  await helm(
    [
      ...['install', RELEASE, join(root, 'charts/agentteam'), '-n', namespace, '--wait'],
      ...['--timeout=180s', `--kubeconfig=${cluster.kubeconfig}`, '--take-ownership'],
    ],
    {
      image: { ...site.image, pullPolicy: 'IfNotPresent' },
      watch: { namespaces: [namespace] },
      controller: { replicas: 1, logLevel: 'debug' },
      webhook: { enabled: false },
      notifications: { allowPrivate: true },
      ...values,
      teams: {
        storageClass,
        apiUrl: `${rehearsalUrl}/{agent}`,
        hostingUrl: `${rehearsalUrl}/hosting/github`,
      },
    },
  );
  const until: Stage['until'] = (holds) =>
    cluster.until(teamRef(name, namespace), (now) => holds(now?.status ?? {}));
  return {
    site,
    namespace,
    rehearsalUrl,
    team,
    kubectl,
    apply,
    start: async () => void (await cluster.apply(team)),
    until,
    ended: () => until((status) => ENDED.includes(status.phase) && status),
    workflow: () => cluster.get(workflowRef(name, namespace)),
    workflowIs: (holds) =>
      cluster.until(workflowRef(name, namespace), (now) => now !== undefined && holds(now)),
    close: async () => {
      await kubectl('delete', 'agentteams', '--all', '--wait', '--timeout=120s');
      await helm(['uninstall', RELEASE, '-n', namespace, `--kubeconfig=${cluster.kubeconfig}`]);
      await cluster.kubectl('delete', 'namespace', namespace, '--wait=false');
      await cluster.kubectl('delete', 'pv', '-l', `agentteam-e2e=${namespace}`, '--wait=false');
    },
  };
}

/**
 * Makes volumes of directories on the one node, and gives their class: Kubernetes does not hand a
 * hostPath over to a pod's group, so a pod of root's makes them writable.
 */
async function directories({ cluster, image }: Site, namespace: string): Promise<string> {
  const base = `/var/lib/agentteam-e2e/${namespace}`;
  const names = ['a', 'b', 'c', 'd'];
  await runPod(cluster, namespace, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'directories', namespace },
    spec: {
      restartPolicy: 'Never',
      volumes: [{ name: 'base', hostPath: { path: base, type: 'DirectoryOrCreate' } }],
      containers: [
        {
          name: 'main',
          image: `${image.repository}:${image.tag}`,
          imagePullPolicy: 'IfNotPresent',
          command: ['mkdir', '-m', '0777', ...names.map((name) => `/base/${name}`)],
          securityContext: { runAsUser: 0, runAsNonRoot: false },
          volumeMounts: [{ name: 'base', mountPath: '/base' }],
        },
      ],
    },
  });
  for (const name of names) {
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${namespace}-${name}`, labels: { 'agentteam-e2e': namespace } },
      spec: {
        accessModes: ['ReadWriteMany'],
        capacity: { storage: '10Gi' },
        storageClassName: namespace,
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path: `${base}/${name}` },
      },
    });
  }
  return namespace;
}

async function runPod(cluster: Site['cluster'], namespace: string, pod: Stored): Promise<void> {
  await cluster.apply(pod);
  const ref: Ref = { apiVersion: 'v1', kind: 'Pod', name: pod.metadata?.name ?? '', namespace };
  const phase = await cluster.until(
    ref,
    (now) => ['Succeeded', 'Failed'].includes(now?.status?.phase) && (now?.status.phase as string),
  );
  if (phase === 'Failed') throw new Error(`the pod ${ref.name} failed`);
}

/** A pod that plays the model, the MCP servers and GitHub. @returns its base URL. */
async function rehearsal(
  { cluster, image }: Site,
  namespace: string,
  { team, script }: StageOptions,
): Promise<string> {
  const files = {
    'team.yaml': stringify(team('http://rehearsal.invalid')),
    ...(script !== undefined && { 'script.yaml': script }),
  };
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'rehearsal', namespace },
    ...{ data: files },
  });
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'rehearsal', namespace },
    spec: {
      volumes: [{ name: 'files', configMap: { name: 'rehearsal' } }],
      containers: [
        {
          name: 'main',
          image: `${image.repository}:${image.tag}`,
          imagePullPolicy: 'IfNotPresent',
          command: ['agentteam', 'rehearsal', '/files/team.yaml', '--json', '--host=0.0.0.0'],
          args: [
            `--port=${PORT}`,
            ...(script === undefined ? [] : ['--script=/files/script.yaml']),
          ],
          ports: [{ containerPort: PORT }],
          readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
          volumeMounts: [{ name: 'files', mountPath: '/files' }],
        },
      ],
    },
  });
  const ip = await cluster.until(
    { apiVersion: 'v1', kind: 'Pod', name: 'rehearsal', namespace },
    (now) =>
      now?.status?.conditions?.some(
        (one: { type: string; status: string }) => one.type === 'Ready' && one.status === 'True',
      ) && (now.status.podIP as string),
  );
  return `http://${ip}:${PORT}`;
}

export function example(name: string): string {
  return readFileSync(join(root, 'examples', name), 'utf8');
}
