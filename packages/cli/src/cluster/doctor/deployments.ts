import { AppsV1Api, type V1Container, type V1Deployment } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { type Finding, failed, type LookUp, lookUp, ok, unknown, warning } from './finding.ts';

/** The oldest Argo with WorkflowTaskResults. The pods of a team may write nothing else. */
const OLDEST_ARGO = [3, 4] as const;
/**
 * Versions in which exit handlers do not complete when a workflow is stopped, so that a stopped team would
 * never end (argo-workflows#13964).
 */
const BROKEN_ARGO = { major: 4, minor: 0, fixedIn: 8 } as const;
/** The major version that this product is tested with. */
const TESTED_ARGO = 4;

/** Variable of Argo's controller: the minimum interval between two reconciliations of a workflow. */
const INTERVAL = 'DEFAULT_REQUEUE_TIME';

export type Deployments = LookUp<readonly V1Deployment[]>;

export async function readDeployments({ config }: Connection): Promise<Deployments> {
  const found = await lookUp(config.makeApiClient(AppsV1Api).listDeploymentForAllNamespaces());
  return found.state === 'found' ? { state: 'found', value: found.value.items } : found;
}

export function examineArgo(deployments: Deployments): Finding {
  const check = 'argo controller';
  if (deployments.state !== 'found') return cannotList(check);
  const found = findArgo(deployments);
  if (found === undefined) {
    return failed(
      check,
      'no Deployment runs the Argo controller',
      'Install Argo Workflows as described in docs/install.md.',
    );
  }
  const { deployment, container } = found;
  const where = nameOf(deployment);
  const version = /:v?(\d+)\.(\d+)(\S*)/.exec(container.image ?? '');
  if (!isReady(deployment)) {
    return failed(check, `${where} has no ready pod`, describeCommand(deployment));
  }
  if (version === null) {
    return unknown(check, `${where} runs ${container.image}, whose version is unknown`);
  }
  const [, major = '0', minor = '0', rest = ''] = version;
  const name = `${major}.${minor}${rest}`;
  const [oldestMajor, oldestMinor] = OLDEST_ARGO;
  const isOld =
    Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
  const remedy = `Upgrade Argo to version ${TESTED_ARGO}.`;
  if (cannotStop(name)) {
    return failed(
      check,
      `${where} has version ${name}, in which a stopped team never ends`,
      'Upgrade Argo to 4.0.8, or to 4.1 or later.',
    );
  }
  if (isOld) return failed(check, `${where} has version ${name}, which is too old`, remedy);
  return Number(major) < TESTED_ARGO
    ? warning(
        check,
        `${where} has version ${name}; teams are tested only with version ${TESTED_ARGO}`,
        remedy,
      )
    : ok(check, `${name}, ${where}`);
}

function cannotStop(version: string): boolean {
  const [major, minor, patch = 0] = version.split(/[.-]/).map((part) => Number.parseInt(part, 10));
  const { fixedIn, ...broken } = BROKEN_ARGO;
  return major === broken.major && minor === broken.minor && patch < fixedIn;
}

/** Checks how soon Argo starts the next step. Empty when Argo is not found. */
export function examineInterval(deployments: Deployments): readonly Finding[] {
  const found = findArgo(deployments);
  if (found === undefined) return [];
  const check = 'argo interval';
  const { deployment, container } = found;
  const setting = container.env?.find(({ name }) => name === INTERVAL);
  if (setting !== undefined) return [ok(check, setting.value ?? `set by ${INTERVAL}`)];
  const { name, namespace } = deployment.metadata ?? {};
  return [
    warning(
      check,
      'the default interval delays each step by up to 10 s',
      `To set it to 1 s, run: kubectl set env deployment/${name} -n ${namespace} ${INTERVAL}=1s`,
    ),
  ];
}

/** @param namespace of the teams. A controller may watch only some namespaces. */
export function examineController(deployments: Deployments, namespace: string): Finding {
  const check = 'agentteam controller';
  if (deployments.state !== 'found') return cannotList(check);
  const found = findController(deployments, namespace);
  const watched = found === undefined ? [] : watchedBy(found.container);
  if (found !== undefined && watched.length > 0 && !watched.includes(namespace)) {
    return failed(
      check,
      `${nameOf(found.deployment)} watches only ${watched.join(', ')}, so teams in ${namespace} stay Pending`,
      'Add the namespace to watch.namespaces of the chart, or to --watch of agentteam install.',
    );
  }
  const deployment = found?.deployment;
  if (deployment === undefined) {
    return warning(
      check,
      'no Deployment runs the controller, so teams stay Pending',
      'To install it, run: agentteam install. To run a team without it: agentteam compile team.yaml | argo submit -',
    );
  }
  const where = nameOf(deployment);
  return isReady(deployment)
    ? ok(check, where)
    : failed(check, `${where} has no ready pod`, describeCommand(deployment));
}

interface Found {
  readonly deployment: V1Deployment;
  readonly container: V1Container;
}

/**
 * Finds the container of the controller, whose variables have the image and the storage class of teams.
 * Prefers a controller that watches the namespace.
 */
export function findController(deployments: Deployments, namespace: string): Found | undefined {
  const isController = ({ env = [] }: V1Container) =>
    env.some(({ name }) => name === 'AGENTTEAM_IMAGE');
  const watches = (container: V1Container) => {
    const watched = watchedBy(container);
    return isController(container) && (watched.length === 0 || watched.includes(namespace));
  };
  return findContainer(deployments, watches) ?? findContainer(deployments, isController);
}

/** The namespaces that a controller watches; empty if it watches all. */
function watchedBy({ env = [] }: V1Container): readonly string[] {
  const { value = '' } = env.find(({ name }) => name === 'AGENTTEAM_NAMESPACES') ?? {};
  return value.split(',').flatMap((name) => name.trim() || []);
}

export function findArgo(deployments: Deployments): Found | undefined {
  return findContainer(deployments, ({ image = '' }) =>
    /(^|\/)workflow-controller[:@]/.test(image),
  );
}

function findContainer(
  deployments: Deployments,
  matches: (container: V1Container) => boolean,
): Found | undefined {
  if (deployments.state !== 'found') return undefined;
  for (const deployment of deployments.value) {
    const container = deployment.spec?.template.spec?.containers.find(matches);
    if (container !== undefined) return { deployment, container };
  }
  return undefined;
}

function cannotList(check: string): Finding {
  return unknown(
    check,
    'you do not have permission to list the Deployments of all namespaces',
    'Ask an administrator to run this check.',
  );
}

function isReady({ status }: V1Deployment): boolean {
  return (status?.readyReplicas ?? 0) > 0;
}

function nameOf({ metadata }: V1Deployment): string {
  return `Deployment ${metadata?.namespace}/${metadata?.name}`;
}

function describeCommand({ metadata }: V1Deployment): string {
  return `To see why, run: kubectl describe deployment ${metadata?.name} -n ${metadata?.namespace}`;
}
