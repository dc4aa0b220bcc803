import type { AgentTeam } from '@agentteam/api';
import { CLI_FIELD_MANAGER } from '@agentteam/contract';
import { teamExitCode } from '@agentteam/status';
import { CoreV1Api } from '@kubernetes/client-node';
import { Failure } from '../../failure.ts';
import type { ClusterTeams } from '../../teams/cluster/cluster-teams.ts';
import type { Connection } from '../connection/connection.ts';
import type { ApplyOptions } from '../connection/custom-objects.ts';
import { requestFailure } from '../connection/errors.ts';
import { SERVER_SIDE_APPLY } from '../connection/server-side-apply.ts';
import type { ConfigMapDocument, Submission } from './submission.ts';

export interface Submitted {
  readonly team: AgentTeam;
  /** Whether the team already existed and is running. */
  readonly existed: boolean;
}

/**
 * Applies the ConfigMaps of a team and then the team. Submitting a running team again changes nothing.
 * @throws Failure when a team with that name has ended or is being deleted. Applying it would start
 * nothing, and a caller that waits would take the old result for the new one.
 */
export async function submitTeam(
  { connection, teams }: ClusterTeams,
  submission: Submission,
  options: ApplyOptions,
): Promise<Submitted> {
  const { name } = submission.team.metadata;
  const existing = await teams.read(name);
  if (existing !== undefined && isBeingDeleted(existing)) {
    throw new Failure(`a team named ${name} exists and is being deleted`, {
      hint: `To wait until it is gone, run: agentteam delete ${name} -n ${connection.namespace} --wait`,
    });
  }
  if (existing?.status !== undefined && teamExitCode(existing.status) !== undefined) {
    const reference = `${name} -n ${connection.namespace}`;
    throw new Failure(`a team named ${name} exists and has ended`, {
      hint: `To delete it first, run: agentteam delete ${reference} --wait\n  To keep it, submit the team under another name with --name NAME.`,
    });
  }
  await applyConfigMaps(connection, submission, options);
  const metadata = { ...submission.team.metadata, namespace: connection.namespace };
  const team = await teams.apply(name, { ...submission.team, metadata }, options);
  return { team, existed: existing !== undefined };
}

/** Replaces the spec of a team by that of its file. Fields that the file does not have are removed. */
export async function replaceSpec(
  { connection, teams }: ClusterTeams,
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
