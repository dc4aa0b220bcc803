import type { AgentTeam } from '@agentteam/api';
import { CLI_FIELD_MANAGER } from '@agentteam/contract';
import { teamExitCode } from '@agentteam/status';
import { CoreV1Api } from '@kubernetes/client-node';
import { Failure } from '../failure.ts';
import type { ClusterHost } from '../host/cluster/cluster-host.ts';
import type { Connection } from '../kube/connection.ts';
import type { ApplyOptions } from '../kube/custom-objects.ts';
import { requestFailure } from '../kube/errors.ts';
import { SERVER_SIDE_APPLY } from '../kube/server-side-apply.ts';
import type { ConfigMapDocument, Submission } from './submission.ts';

export interface Submitted {
  readonly team: AgentTeam;
  /** Whether it was there before, and goes on. */
  readonly before: boolean;
}

/**
 * Puts a team into the cluster, its ConfigMaps first. Done again, it finds the team at work and
 * changes nothing.
 * @throws Failure for a team of that name which has ended, or is being deleted: nothing would run, and
 * who waits would take the old result for the new one.
 */
export async function submitTeam(
  host: ClusterHost,
  submission: Submission,
  options: ApplyOptions,
): Promise<Submitted> {
  const { connection, teams } = host;
  const { name } = submission.team.metadata;
  const existing = await teams.read(name);
  if (existing !== undefined && isBeingDeleted(existing)) {
    throw new Failure(`there is a team ${name} already, and it is being deleted`, {
      wayOut: `agentteam delete ${name} -n ${connection.namespace} --wait   ends when it is gone.`,
    });
  }
  if (existing?.status !== undefined && teamExitCode(existing.status) !== undefined) {
    const reference = `${name} -n ${connection.namespace}`;
    throw new Failure(`there is a team ${name} already, and it has ended`, {
      wayOut: `agentteam delete ${reference} --wait   makes room; --name NAME submits it beside.`,
    });
  }
  await applyConfigMaps(connection, submission, options);
  const metadata = { ...submission.team.metadata, namespace: connection.namespace };
  const team = await teams.apply(name, { ...submission.team, metadata }, options);
  return { team, before: existing !== undefined };
}

/**
 * Makes the spec of a team that is there what its file says. A field that the file leaves out is gone
 * afterwards, whoever set it.
 */
export async function respecifyTeam(
  { connection, teams }: ClusterHost,
  existing: AgentTeam,
  submission: Submission,
): Promise<void> {
  await applyConfigMaps(connection, submission, { force: true });
  const { spec } = submission.team;
  await teams.replace(existing.metadata.name, { ...existing, spec });
}

async function applyConfigMaps(
  connection: Connection,
  { configMaps }: Submission,
  options: ApplyOptions,
): Promise<void> {
  for (const configMap of configMaps) await applyConfigMap(connection, configMap, options);
}

function isBeingDeleted({ metadata }: AgentTeam): boolean {
  const { deletionTimestamp } = metadata as { readonly deletionTimestamp?: string };
  return deletionTimestamp !== undefined;
}

async function applyConfigMap(
  { config, namespace, server }: Connection,
  configMap: ConfigMapDocument,
  { dryRun = false, force = false }: ApplyOptions,
): Promise<void> {
  const { name } = configMap.metadata;
  try {
    await config.makeApiClient(CoreV1Api).patchNamespacedConfigMap(
      {
        name,
        namespace,
        body: { ...configMap, metadata: { ...configMap.metadata, namespace } },
        fieldManager: CLI_FIELD_MANAGER,
        force,
        ...(dryRun && { dryRun: 'All' }),
      },
      SERVER_SIDE_APPLY,
    );
  } catch (error) {
    throw requestFailure(error, server);
  }
}
