import { AGENT_TEAM, API_VERSION } from '@agentteam/api';
import { CLI_FIELD_MANAGER } from '@agentteam/contract';
import { CustomObjectsApi } from '@kubernetes/client-node';
import { TEAMS } from '../../teams/cluster/cluster-team.ts';
import type { Connection } from '../connection/connection.ts';
import { httpStatus, reasonOf } from '../connection/errors.ts';
import { type Finding, failed, ok, unknown } from './finding.ts';

const CHECK = 'admission';

/** The smallest team: it goes all the way a real one would, and is not kept. */
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

/** Whether the server, and every admission webhook that it must reach, lets a team in. */
export async function examineAdmission({ config, namespace }: Connection): Promise<Finding> {
  try {
    await config.makeApiClient(CustomObjectsApi).createNamespacedCustomObject({
      ...TEAMS,
      namespace,
      body: SAMPLE,
      dryRun: 'All',
      fieldManager: CLI_FIELD_MANAGER,
    });
    return ok(CHECK, `a team would be let into ${namespace}; webhooks answer`);
  } catch (error) {
    const said = reasonOf(error);
    if (/failed calling webhook/.test(said)) {
      return failed(CHECK, said, 'Is the webhook’s Service up, and its certificate valid?');
    }
    const status = httpStatus(error);
    if (status === 403 || status === 404) return unknown(CHECK, said);
    return failed(CHECK, said, 'What refuses it is named above.');
  }
}
