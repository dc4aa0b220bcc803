import type { Compiled } from '@agentteam/compiler';
import { VersionApi } from '@kubernetes/client-node';
import type { Connection } from '../kube/connection.ts';
import { requestFailure } from '../kube/errors.ts';
import { examineAdmission } from './admission.ts';
import {
  examineArgo,
  examineController,
  examineInterval,
  findController,
  readDeployments,
} from './deployments.ts';
import { type Finding, ok } from './finding.ts';
import { examineGuard } from './guard.ts';
import { examineImage } from './image.ts';
import { examineArgoKinds, examineOwnKinds } from './kinds.ts';
import { examinePodSecurity } from './pod-security.ts';
import { examineRights } from './rights.ts';
import { examineStorage } from './storage.ts';
import { examineNeeds } from './team-needs.ts';
import { examineWebhooks } from './webhooks.ts';

export interface Examination {
  /** A team that is to run, and the names of ConfigMaps that come with it. */
  readonly team?: Compiled & { readonly configMaps: readonly string[] };
  /** Class of the shared claim; absent: the controller's, else the cluster's default. */
  readonly storageClass?: string;
  /** Image of the pods where no controller names one. */
  readonly image: string;
  /** How the world is reached from here: not from the cluster. */
  readonly reach: typeof fetch;
  readonly signal: AbortSignal;
}

/**
 * Looks at all that a team needs of a cluster; nothing is changed.
 * @throws Failure when the API server does not answer at all.
 */
export async function examine(
  connection: Connection,
  { team, storageClass, image, reach, signal }: Examination,
): Promise<readonly Finding[]> {
  try {
    const { gitVersion } = await connection.config.makeApiClient(VersionApi).getCode();
    const server = ok('api server', `${connection.server}, ${gitVersion}`);
    const deployments = await readDeployments(connection);
    const { namespace } = connection;
    const settings = findController(deployments, namespace)?.container.env ?? [];
    const setting = (name: string) => settings.find((one) => one.name === name)?.value;
    const shared = storageClass ?? setting('AGENTTEAM_STORAGE_CLASS');
    return [
      server,
      await examineArgoKinds(connection),
      examineArgo(deployments),
      ...examineInterval(deployments),
      await examineOwnKinds(connection),
      examineController(deployments, namespace),
      await examineAdmission(connection),
      ...(await examineGuard(connection, deployments)),
      await examineStorage(connection, shared),
      ...(await examinePodSecurity(connection, deployments)),
      await examineImage(connection, setting('AGENTTEAM_IMAGE') ?? image),
      ...(await examineRights(connection)),
      ...(team === undefined ? [] : await examineTeam(connection, team, reach, signal)),
    ];
  } catch (error) {
    throw requestFailure(error, connection.server);
  }
}

async function examineTeam(
  connection: Connection,
  { configMaps, ...compiled }: NonNullable<Examination['team']>,
  reach: typeof fetch,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  return [
    ...(await examineNeeds(connection, compiled, configMaps)),
    ...(await examineWebhooks(compiled.team, reach, signal)),
  ];
}
