import { AppsV1Api, type V1Container, type V1Deployment } from '@kubernetes/client-node';
import type { Connection } from '../kube/connection.ts';
import { type Asked, ask, type Finding, failed, ok, unknown, warning } from './finding.ts';

/** Oldest Argo that has WorkflowTaskResults, which are all that a team's pods may write. */
const OLDEST_ARGO = [3, 4] as const;

/** Variable of Argo's controller: it looks at a workflow again after so long at the earliest. */
const INTERVAL = 'DEFAULT_REQUEUE_TIME';

export type Deployments = Asked<readonly V1Deployment[]>;

export async function readDeployments({ config }: Connection): Promise<Deployments> {
  const asked = await ask(config.makeApiClient(AppsV1Api).listDeploymentForAllNamespaces());
  return asked.is === 'there' ? { is: 'there', value: asked.value.items } : asked;
}

export function examineArgo(deployments: Deployments): Finding {
  const check = 'argo controller';
  if (deployments.is !== 'there') return unseen(check);
  const found = findArgo(deployments);
  if (found === undefined) {
    return failed(check, 'no Deployment runs it', 'Install Argo Workflows; see docs/install.');
  }
  const { deployment, container } = found;
  const where = placeOf(deployment);
  const version = /:v?(\d+)\.(\d+)(\S*)/.exec(container.image ?? '');
  if (!isReady(deployment)) {
    return failed(check, `${where} has no pod that is ready`, describeCommand(deployment));
  }
  if (version === null)
    return unknown(check, `${where} runs ${container.image}, of no known version`);
  const [, major = '0', minor = '0', rest = ''] = version;
  const name = `${major}.${minor}${rest}`;
  const [oldestMajor, oldestMinor] = OLDEST_ARGO;
  const isOld =
    Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
  return isOld
    ? failed(check, `${where} is ${name}`, `Upgrade Argo to ${OLDEST_ARGO.join('.')} or later.`)
    : ok(check, `${name}, ${where}`);
}

/** How soon Argo starts what waits for a step that has ended; nothing where Argo is not seen. */
export function examineInterval(deployments: Deployments): readonly Finding[] {
  const found = findArgo(deployments);
  if (found === undefined) return [];
  const check = 'argo interval';
  const { deployment, container } = found;
  const setting = container.env?.find(({ name }) => name === INTERVAL);
  if (setting !== undefined) return [ok(check, setting.value ?? `of ${INTERVAL}`)];
  const { name, namespace } = deployment.metadata ?? {};
  return [
    warning(
      check,
      'its default: a step that follows another starts up to 10 s later than it could',
      `kubectl set env deployment/${name} -n ${namespace} ${INTERVAL}=1s`,
    ),
  ];
}

export function examineController(deployments: Deployments): Finding {
  const check = 'agentteam controller';
  if (deployments.is !== 'there') return unseen(check);
  const deployment = findController(deployments)?.deployment;
  if (deployment === undefined) {
    return warning(
      check,
      'no Deployment runs it: teams stay Pending',
      'agentteam install, or without it: agentteam compile team.yaml | argo submit -',
    );
  }
  const where = placeOf(deployment);
  return isReady(deployment)
    ? ok(check, where)
    : failed(check, `${where} has no pod that is ready`, describeCommand(deployment));
}

interface Found {
  readonly deployment: V1Deployment;
  readonly container: V1Container;
}

/** The controller's container, which knows the image and the storage class of teams. */
export function findController(deployments: Deployments): Found | undefined {
  return findContainer(deployments, ({ env = [] }) =>
    env.some(({ name }) => name === 'AGENTTEAM_IMAGE'),
  );
}

function findArgo(deployments: Deployments): Found | undefined {
  return findContainer(deployments, ({ image = '' }) =>
    /(^|\/)workflow-controller[:@]/.test(image),
  );
}

function findContainer(
  deployments: Deployments,
  fits: (container: V1Container) => boolean,
): Found | undefined {
  if (deployments.is !== 'there') return undefined;
  for (const deployment of deployments.value) {
    const container = deployment.spec?.template.spec?.containers.find(fits);
    if (container !== undefined) return { deployment, container };
  }
  return undefined;
}

function unseen(check: string): Finding {
  return unknown(check, 'you may not list Deployments of all namespaces', 'Ask an administrator.');
}

function isReady({ status }: V1Deployment): boolean {
  return (status?.readyReplicas ?? 0) > 0;
}

function placeOf({ metadata }: V1Deployment): string {
  return `Deployment ${metadata?.namespace}/${metadata?.name}`;
}

function describeCommand({ metadata }: V1Deployment): string {
  return `kubectl describe deployment ${metadata?.name} -n ${metadata?.namespace}`;
}
