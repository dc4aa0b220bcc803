import { AGENT_TEAM, type AgentTeam, API_VERSION } from '@agentteam/api';
import { CLI_FIELD_MANAGER } from '@agentteam/contract';
import { CustomObjectsApi } from '@kubernetes/client-node';
import { TEAMS } from '../../teams/cluster/cluster-team.ts';
import type { Connection } from '../connection/connection.ts';
import { httpStatus, reasonOf } from '../connection/errors.ts';
import { type Finding, failed, ok, unknown } from './finding.ts';

const CHECK = 'admission';

/** The smallest team. The API server validates it like a real one in a dry run. */
const SAMPLE = {
  apiVersion: API_VERSION,
  kind: AGENT_TEAM.kind,
  metadata: { generateName: 'doctor-' },
  spec: {
    workspace: { output: {} },
    auth: { apiKeySecret: 'none' },
    lead: { prompt: 'Coordinate.' },
    teammates: [{ name: 'writer', prompt: 'Write.' }],
  },
} as const;

/**
 * Checks that the API server and its admission webhooks accept a team. Only they know what the administrators of
 * the installation allow.
 * @param team the team to try; by default a small one.
 */
export async function examineAdmission(
  { config, namespace }: Connection,
  team?: AgentTeam,
): Promise<Finding> {
  const tried = team === undefined ? 'teams' : `the team ${team.metadata.name}`;
  try {
    await config.makeApiClient(CustomObjectsApi).createNamespacedCustomObject({
      ...TEAMS,
      namespace,
      body: team === undefined ? SAMPLE : { ...SAMPLE, spec: team.spec },
      dryRun: 'All',
      fieldManager: CLI_FIELD_MANAGER,
    });
    return ok(CHECK, `${namespace} accepts ${tried}, and the admission webhooks answer`);
  } catch (error) {
    const reason = reasonOf(error);
    if (/failed calling webhook/.test(reason)) {
      return failed(
        CHECK,
        reason,
        "Check that the webhook's Service is running and its certificate is valid.",
      );
    }
    const status = httpStatus(error);
    if (status === 403 || status === 404) return unknown(CHECK, reason);
    const remedy = 'Fix the webhook or policy that the message names.';
    return failed(
      CHECK,
      reason,
      team === undefined ? remedy : `Change the team as the message says. ${remedy}`,
    );
  }
}
