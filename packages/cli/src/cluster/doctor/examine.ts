import type { Compiled } from '@agentteam/compiler';
import { VersionApi } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { requestFailure } from '../connection/errors.ts';
import { examineAdmission } from './admission.ts';
import { readArgoConfig } from './argo-config.ts';
import {
  examineArgo,
  examineController,
  examineInterval,
  findController,
  readDeployments,
} from './deployments.ts';
import type { Finding } from './finding.ts';
import { examineGuard } from './guard.ts';
import { examineImage } from './image.ts';
import { examineArgoKinds, examineOwnKinds } from './kinds.ts';
import { examineKubernetes } from './kubernetes.ts';
import { examinePodLayout } from './pod-layout.ts';
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
    const deployments = await readDeployments(connection);
    const argo = await readArgoConfig(connection, deployments);
    const { namespace } = connection;
    const settings = findController(deployments, namespace)?.container.env ?? [];
    const setting = (name: string) => settings.find((one) => one.name === name)?.value;
    const shared = storageClass ?? setting('AGENTTEAM_STORAGE_CLASS');
    return [
      examineKubernetes(connection.server, gitVersion),
      await examineArgoKinds(connection),
      examineArgo(deployments),
      ...examineInterval(deployments),
      ...examinePodLayout(argo),
      await examineOwnKinds(connection),
      examineController(deployments, namespace),
      await examineAdmission(connection),
      ...(await examineGuard(connection, deployments)),
      await examineStorage(connection, shared),
      ...(await examinePodSecurity(connection, argo)),
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
