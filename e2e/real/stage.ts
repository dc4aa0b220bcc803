import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { helm } from '../chart/helm.ts';
import type { Stored } from '../controller/cluster.ts';
import { teamRef, workflowRef } from '../controller/teams.ts';
import { type Outside, openOutside } from './outside.ts';
import { runPod, servePod } from './pods.ts';
import type { Site } from './site.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const RELEASE = 'agentteam';
const PORT = 8080;

/** Addresses of the services that a team uses. */
export interface Addresses {
  readonly rehearsalUrl: string;
  readonly repositoryUrl: string;
  readonly hookUrl: string;
}

const NOWHERE: Addresses = {
  rehearsalUrl: 'http://rehearsal.invalid',
  repositoryUrl: 'http://git.invalid/acme/backend.git',
  hookUrl: 'http://hooks.invalid',
};

export interface StageOptions {
  /** The team that will be applied, with a rehearsal as its model. */
  readonly team: (addresses: Addresses) => Stored;
  /** Directory with the initial files of its repository. */
  readonly repository?: string;
  /** Text of a rehearsal script. @default a script generated from the team */
  readonly script?: string;
  /** Further Secrets by name. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Further values of the chart; `false` for a stage without the chart and its controller. */
  readonly values?: Readonly<Record<string, unknown>> | false;
}

/** A namespace with the chart, a rehearsal, and everything else that a team needs. */
export interface Stage {
  readonly site: Site;
  readonly namespace: string;
  readonly outside: Outside;
  readonly rehearsalUrl: string;
  readonly storageClass: string;
  readonly team: Stored;
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  apply(object: Stored): Promise<Stored>;
  /** Applies the team. */
  start(): Promise<void>;
  /** Waits until a condition on the team is true. */
  until<T>(holds: (status: Stored['status']) => T | undefined | false): Promise<T>;
  ended(): Promise<Stored['status']>;
  workflow(): Promise<Stored | undefined>;
  /** Waits until a condition on the Workflow is true. */
  workflowIs<T>(holds: (workflow: Stored) => T | undefined | false): Promise<T>;
  close(): Promise<void>;
}

const ENDED = ['Completed', 'Failed', 'TimedOut', 'BudgetExceeded'];

/**
 * Creates a stage: a namespace, volumes, a pod with the rehearsal, and the chart with a controller for
 * this namespace only.
 */
export async function openStage(site: Site, options: StageOptions): Promise<Stage> {
  const { cluster } = site;
  const namespace = `e2e-${randomBytes(4).toString('hex')}`;
  await cluster.namespace(namespace);
  const kubectl = (...args: readonly string[]) => cluster.kubectl('-n', namespace, ...args);
  const inNamespace = (object: Stored): Stored => ({
    ...object,
    metadata: { ...object.metadata, namespace },
  });
  const apply = (object: Stored) => cluster.apply(inNamespace(object));
  const storageClass = site.storageClass ?? (await directories(site, namespace));
  if (site.restricted) await cluster.apply(restricted(namespace));
  const secrets = {
    [options.team(NOWHERE).spec.auth.apiKeySecret]: { ANTHROPIC_API_KEY: 'sk-ant-rehearsal' },
    ...options.secrets,
  };
  for (const [name, stringData] of Object.entries(secrets)) {
    await apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...{ stringData } });
  }
  const rehearsalUrl = await rehearsal(site, namespace, options);
  const outside = await openOutside(site, namespace, options.repository);
  const team = inNamespace(options.team({ rehearsalUrl, ...outside }));
  const { name = '' } = team.metadata ?? {};
  const { values = {} } = options;
  if (values !== false) {
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
          ...(values['teams'] as object | undefined),
          storageClass,
          ...(site.runtimeInjection && { runtimeInjection: site.runtimeInjection }),
          apiUrl: `${rehearsalUrl}/{agent}`,
          hostingUrl: `${rehearsalUrl}/hosting/github`,
        },
      },
    );
  }
  const until: Stage['until'] = (holds) =>
    cluster.until(teamRef(name, namespace), (now) => holds(now?.status ?? {}));
  return {
    site,
    namespace,
    outside,
    rehearsalUrl,
    storageClass,
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
      if (values !== false) {
        await helm(['uninstall', RELEASE, '-n', namespace, `--kubeconfig=${cluster.kubeconfig}`]);
      }
      await cluster.kubectl('delete', 'namespace', namespace, '--wait=false');
      await cluster.kubectl('delete', 'pv', '-l', `agentteam-e2e=${namespace}`, '--wait=false');
    },
  };
}

/** Labels of a namespace that enforces the strictest Pod Security Standard. */
function restricted(name: string): Stored {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/**
 * Creates volumes from directories on the only node. Kubernetes does not change the group of a hostPath,
 * so a pod of root makes them writable.
 * @returns their storage class.
 */
async function directories(site: Site, namespace: string): Promise<string> {
  const base = `/var/lib/agentteam-e2e/${namespace}`;
  const names = ['a', 'b', 'c', 'd'];
  const { cluster, image } = site;
  await runPod(site, namespace, {
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

/** Starts a pod that rehearses the model, the MCP servers and GitHub. @returns its base URL. */
async function rehearsal(
  site: Site,
  namespace: string,
  { team, script }: StageOptions,
): Promise<string> {
  const ip = await servePod(site, namespace, {
    name: 'rehearsal',
    files: {
      'team.yaml': stringify(team(NOWHERE)),
      ...(script !== undefined && { 'script.yaml': script }),
    },
    command: [
      ...['agentteam', 'rehearsal', '/files/team.yaml', '--json', '--host=0.0.0.0'],
      `--port=${PORT}`,
      ...(script === undefined ? [] : ['--script=/files/script.yaml']),
    ],
    ports: [PORT],
  });
  return `http://${ip}:${PORT}`;
}

export function example(name: string): string {
  return readFileSync(join(root, 'examples', name), 'utf8');
}
