import { join } from 'node:path';
import { freePort } from '../../packages/runner/test/support/free-port.ts';
import { makeCertificate } from './certificate.ts';
import type { Cluster, Stored } from './cluster.ts';
import { ControllerProcess } from './process.ts';
import { team } from './teams.ts';

const RESOURCES =
  'agentteams.claude.amcheste.io,agentteamtemplates.claude.amcheste.io,agentteamruns.claude.amcheste.io';

/** Grants the group `people` the right to write teams. */
export async function letPeopleHaveTeams(cluster: Cluster): Promise<void> {
  await cluster.kubectl(
    ...['create', 'clusterrole', 'team-user', `--resource=${RESOURCES}`],
    '--verb=get,list,watch,create,update,patch,delete',
  );
  await cluster.kubectl(
    ...['create', 'clusterrolebinding', 'team-users', '--clusterrole=team-user', '--group=people'],
  );
}

/** A controller with admission webhooks that the API server calls. */
export interface Admission {
  readonly controller: ControllerProcess;
  /** Stops the controller and starts another one at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** @param kubeconfig of the controller. */
export async function startAdmission(
  cluster: Cluster,
  namespace: string,
  env: Readonly<Record<string, string>> = {},
  kubeconfig = cluster.kubeconfig,
): Promise<Admission> {
  const certificates = join(cluster.directory, 'webhook');
  const caBundle = makeCertificate(certificates);
  const port = await freePort();
  const start = () =>
    ControllerProcess.start(
      kubeconfig,
      {
        AGENTTEAM_NAMESPACES: namespace,
        AGENTTEAM_LEADER_ELECTION: 'false',
        AGENTTEAM_WEBHOOK: 'true',
        AGENTTEAM_WEBHOOK_PORT: String(port),
        AGENTTEAM_WEBHOOK_CERTIFICATES: certificates,
        ...env,
      },
      'watching',
    );
  let controller = await start();
  for (const [kind, path] of [
    ['MutatingWebhookConfiguration', '/mutate'],
    ['ValidatingWebhookConfiguration', '/validate'],
  ] as const) {
    await cluster.apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name: 'agentteam' },
      ...{
        webhooks: [
          {
            name: 'teams.claude.amcheste.io',
            clientConfig: { url: `https://127.0.0.1:${port}${path}`, caBundle },
            rules: [
              {
                apiGroups: ['claude.amcheste.io'],
                apiVersions: ['v1alpha1'],
                resources: ['agentteams', 'agentteamtemplates', 'agentteamruns'],
                operations: ['CREATE', 'UPDATE'],
              },
            ],
            failurePolicy: 'Fail',
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
          },
        ],
      },
    } as Stored);
  }
  // The API server calls a new webhook only after some time. Wait until it records the author of an object.
  await eventually(async () => {
    const made = await cluster.kubectl(
      'apply',
      '--dry-run=server',
      '-o=yaml',
      `-f=${cluster.file(team('probe', {}, namespace))}`,
    );
    return made.includes('claude.amcheste.io/author');
  });
  return {
    get controller() {
      return controller;
    },
    restart: async () => {
      await controller.stop();
      controller = await start();
    },
    stop: async () => void (await controller.stop()),
  };
}

/** Polls a condition of which the API server does not notify. */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** The message of a refused command. @throws Error when it was accepted. */
export const refusal = (what: Promise<string>): Promise<string> =>
  what.then(
    (said) => {
      throw new Error(`it was let through: ${said}`);
    },
    (error: { readonly stderr: string }) => error.stderr,
  );
