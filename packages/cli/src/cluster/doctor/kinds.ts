import { API_VERSION, customResourceDefinitions } from '@agentteam/api';
import { CustomObjectsApi, KubernetesObjectApi } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { ask, type Finding, failed, ok, unknown, warning } from './finding.ts';
import { missingPaths } from './schema-paths.ts';

const INSTALL_ARGO =
  'kubectl create namespace argo; kubectl apply -n argo --server-side -f https://github.com/argoproj/argo-workflows/releases/latest/download/install.yaml';

/** Kinds of Argo that a team's Workflow and its pods need. */
const ARGO_PLURALS = ['workflows', 'workflowtemplates', 'workflowtaskresults'];

export async function examineArgoKinds(connection: Connection): Promise<Finding> {
  const served = await servedKinds(connection, 'argoproj.io', 'v1alpha1');
  const missing = ARGO_PLURALS.filter((plural) => !served.has(plural));
  if (missing.length === 0) return ok('argo kinds', `${ARGO_PLURALS.join(', ')} are served`);
  return failed('argo kinds', `the cluster does not know ${missing.join(', ')}`, INSTALL_ARGO);
}

/** Whether our kinds are there, and as this program knows them: fields of a newer one would be dropped. */
export async function examineOwnKinds(connection: Connection): Promise<Finding> {
  const [group = '', version = ''] = API_VERSION.split('/');
  const served = await servedKinds(connection, group, version);
  const missing = customResourceDefinitions.filter(({ spec }) => !served.has(spec.names.plural));
  if (missing.length > 0) {
    const names = missing.map(({ metadata }) => metadata.name).join(', ');
    return failed('agentteam kinds', `the cluster does not know ${names}`, 'agentteam install');
  }
  const lacks = (
    await Promise.all(customResourceDefinitions.map((crd) => lacking(connection, crd)))
  ).flat();
  if (lacks.includes(undefined)) {
    return unknown('agentteam kinds', `${API_VERSION} is served; you may not see of which release`);
  }
  if (lacks.length === 0) return ok('agentteam kinds', `${API_VERSION}, as this program knows it`);
  return warning(
    'agentteam kinds',
    `${API_VERSION} is of an older release: it drops ${lacks.join(', ')}`,
    'agentteam install',
  );
}

/** Fields that the cluster's definition lacks; `undefined` where it may not be read. */
async function lacking(
  { config }: Connection,
  crd: (typeof customResourceDefinitions)[number],
): Promise<readonly (string | undefined)[]> {
  const { apiVersion, kind, metadata, spec } = crd;
  const objects = KubernetesObjectApi.makeApiClient(config);
  const asked = await ask(objects.read({ apiVersion, kind, metadata: { name: metadata.name } }));
  if (asked.is !== 'there') return [undefined];
  const stored = asked.value as unknown as typeof crd;
  const schemaOf = ({ spec: { versions } }: typeof crd) =>
    versions.find(({ name }) => name === spec.versions[0]?.name)?.schema.openAPIV3Schema;
  return missingPaths(schemaOf(crd), schemaOf(stored));
}

async function servedKinds(
  { config }: Connection,
  group: string,
  version: string,
): Promise<ReadonlySet<string>> {
  const api = config.makeApiClient(CustomObjectsApi);
  const asked = await ask(api.getAPIResources({ group, version }));
  if (asked.is !== 'there') return new Set();
  return new Set(asked.value.resources.map(({ name }) => name));
}
