import type { AgentTeam } from '@agentteam/api';
import { CoreV1Api, NodeV1Api, SchedulingV1Api } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { type Finding, failed, lookUp, ok, unknown } from './finding.ts';

/** Checks that the service accounts and classes that a team's environments name exist. */
export async function examinePlacement(
  connection: Connection,
  { spec }: AgentTeam,
): Promise<readonly Finding[]> {
  const { config, namespace } = connection;
  const core = config.makeApiClient(CoreV1Api);
  const nodes = config.makeApiClient(NodeV1Api);
  const scheduling = config.makeApiClient(SchedulingV1Api);
  const environments = [spec, spec.lead, ...spec.teammates].map(
    ({ environment = {} }) => environment,
  );
  const named = (field: 'serviceAccountName' | 'runtimeClassName' | 'priorityClassName') => [
    ...new Set(environments.flatMap((environment) => environment[field] ?? [])),
  ];
  return Promise.all([
    ...named('serviceAccountName').map((name) =>
      examineOne(
        `service account ${name}`,
        core.readNamespacedServiceAccount({ name, namespace }),
        `To create it, run: kubectl create serviceaccount ${name} -n ${namespace}`,
      ),
    ),
    ...named('runtimeClassName').map((name) =>
      examineOne(
        `RuntimeClass ${name}`,
        nodes.readRuntimeClass({ name }),
        'Create it, or choose another one: kubectl get runtimeclasses',
      ),
    ),
    ...named('priorityClassName').map((name) =>
      examineOne(
        `PriorityClass ${name}`,
        scheduling.readPriorityClass({ name }),
        'Create it, or choose another one: kubectl get priorityclasses',
      ),
    ),
  ]);
}

async function examineOne(
  check: string,
  request: Promise<unknown>,
  remedy: string,
): Promise<Finding> {
  const found = await lookUp(request);
  switch (found.state) {
    case 'found':
      return ok(check, 'exists');
    case 'absent':
      return failed(check, 'does not exist', remedy);
    case 'forbidden':
      return unknown(check, 'you do not have permission to read it');
  }
}
