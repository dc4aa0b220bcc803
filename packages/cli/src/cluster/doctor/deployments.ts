import { AppsV1Api, type V1Container, type V1Deployment } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { type Asked, ask, type Finding, failed, ok, unknown, warning } from './finding.ts';

/** Oldest Argo that has WorkflowTaskResults, which are all that a team's pods may write. */
const OLDEST_ARGO = [3, 4] as const;
/**
 * Versions whose exit handlers do not complete when a workflow is stopped: a stopped team would never
 * end (argo-workflows#13964).
 */
const BROKEN_ARGO = { major: 4, minor: 0, fixedIn: 8 } as const;
/** Major version that this product is tried with. */
const TRIED_ARGO = 4;

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
    return failed(
      check,
      'no Deployment runs it',
      'Install Argo Workflows; docs/install.md says how.',
    );
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
  const remedy = `Upgrade Argo to ${TRIED_ARGO}.`;
  if (cannotStop(name)) {
    return failed(
      check,
      `${where} is ${name}: a team that is stopped would never end`,
      'Upgrade Argo to 4.0.8, or to 4.1 or later.',
    );
  }
  if (isOld) return failed(check, `${where} is ${name}`, remedy);
  return Number(major) < TRIED_ARGO
    ? warning(check, `${where} is ${name}: teams were tried with ${TRIED_ARGO} alone`, remedy)
    : ok(check, `${name}, ${where}`);
}

function cannotStop(version: string): boolean {
  const [major, minor, patch = 0] = version.split(/[.-]/).map((part) => Number.parseInt(part, 10));
  const { fixedIn, ...broken } = BROKEN_ARGO;
  return major === broken.major && minor === broken.minor && patch < fixedIn;
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

/** @param namespace that teams are to run in: a controller may have been told of others alone. */
export function examineController(deployments: Deployments, namespace: string): Finding {
  const check = 'agentteam controller';
  if (deployments.is !== 'there') return unseen(check);
  const found = findController(deployments, namespace);
  const watched = found === undefined ? [] : watchedBy(found.container);
  if (found !== undefined && watched.length > 0 && !watched.includes(namespace)) {
    return failed(
      check,
      `${placeOf(found.deployment)} watches ${watched.join(', ')}: teams of ${namespace} stay Pending`,
      'Add the namespace to watch.namespaces of its chart, or to --watch of agentteam install.',
    );
  }
  const deployment = found?.deployment;
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

/**
 * The controller's container, which knows the image and the storage class of teams: of several that of
 * the one which watches the namespace.
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

/** Namespaces that a controller watches; none: all. */
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
