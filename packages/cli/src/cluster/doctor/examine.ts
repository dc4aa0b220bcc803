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
import { examinePlacement } from './placement.ts';
import { examinePodLayout } from './pod-layout.ts';
import { examinePodSecurity } from './pod-security.ts';
import { examinePullSecrets } from './pull-secrets.ts';
import { examineRights } from './rights.ts';
import { examineRuntime } from './runtime.ts';
import { examineStorage } from './storage.ts';
import { examineNeeds } from './team-needs.ts';
import { examineWebhooks } from './webhooks.ts';

export interface Examination {
  /** A team to check, and the names of the ConfigMaps in its file. */
  readonly team?: Compiled & { readonly configMaps: readonly string[] };
  /** Storage class of the shared claim; absent for the controller's, or the default of the cluster. */
  readonly storageClass?: string;
  /** Image of the pods if no controller is found. */
  readonly image: string;
  /** Sends requests to webhooks from this machine. */
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/**
 * Checks everything that a team needs from a cluster. Changes nothing.
 * @throws Failure when the API server does not answer.
 */
export async function examine(
  connection: Connection,
  { team, storageClass, image, fetch, signal }: Examination,
): Promise<readonly Finding[]> {
  try {
    const { gitVersion } = await connection.config.makeApiClient(VersionApi).getCode();
    const deployments = await readDeployments(connection);
    const argo = await readArgoConfig(connection, deployments);
    const { namespace } = connection;
    const settings = findController(deployments, namespace)?.container.env ?? [];
    const setting = (name: string) => settings.find((one) => one.name === name)?.value;
    const shared = storageClass ?? setting('AGENTTEAM_STORAGE_CLASS');
    const used = setting('AGENTTEAM_IMAGE') ?? image;
    return [
      examineKubernetes(connection.server, gitVersion),
      await examineArgoKinds(connection),
      examineArgo(deployments),
      ...examineInterval(deployments),
      ...examinePodLayout(argo),
      await examineOwnKinds(connection),
      examineController(deployments, namespace),
      await examineAdmission(connection, team?.team),
      ...(await examineGuard(connection, deployments)),
      await examineStorage(connection, shared),
      ...(await examinePodSecurity(connection, argo)),
      await examineImage(connection, used),
      await examineRuntime(connection, used, setting('AGENTTEAM_RUNTIME_INJECTION')),
      ...(await examineRights(connection)),
      ...(team === undefined ? [] : await examineTeam(connection, team, fetch, signal)),
    ];
  } catch (error) {
    throw requestFailure(error, connection.server);
  }
}

async function examineTeam(
  connection: Connection,
  { configMaps, ...compiled }: NonNullable<Examination['team']>,
  send: typeof fetch,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  return [
    ...(await examineNeeds(connection, compiled, configMaps)),
    ...(await examinePullSecrets(connection, compiled)),
    ...(await examinePlacement(connection, compiled.team)),
    ...(await examineWebhooks(compiled.team, send, signal)),
  ];
}
