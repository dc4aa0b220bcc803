import { API_VERSION, customResourceDefinitions } from '@agentteam/api';
import { CustomObjectsApi, KubernetesObjectApi } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { type Finding, failed, lookUp, ok, unknown, warning } from './finding.ts';

const INSTALL_ARGO =
  'kubectl create namespace argo; kubectl apply -n argo --server-side -f https://github.com/argoproj/argo-workflows/releases/latest/download/install.yaml';

/** The kinds of Argo that a team needs. */
const ARGO_PLURALS = ['workflows', 'workflowtemplates', 'workflowtaskresults'];

export async function examineArgoKinds(connection: Connection): Promise<Finding> {
  const served = await servedKinds(connection, 'argoproj.io', 'v1alpha1');
  const missing = ARGO_PLURALS.filter((plural) => !served.has(plural));
  if (missing.length === 0) return ok('argo kinds', `${ARGO_PLURALS.join(', ')} are served`);
  return failed(
    'argo kinds',
    `the cluster does not serve ${missing.join(', ')}`,
    `To install Argo, run: ${INSTALL_ARGO}`,
  );
}

/** Checks that our kinds are installed, with all fields that this release knows. */
export async function examineOwnKinds(connection: Connection): Promise<Finding> {
  const [group = '', version = ''] = API_VERSION.split('/');
  const served = await servedKinds(connection, group, version);
  const missing = customResourceDefinitions.filter(({ spec }) => !served.has(spec.names.plural));
  if (missing.length > 0) {
    const names = missing.map(({ metadata }) => metadata.name).join(', ');
    return failed('agentteam kinds', `the cluster does not serve ${names}`, INSTALL);
  }
  const lacks = (
    await Promise.all(customResourceDefinitions.map((crd) => lacking(connection, crd)))
  ).flat();
  if (lacks.includes(undefined)) {
    return unknown(
      'agentteam kinds',
      `${API_VERSION} is served, but you do not have permission to see its release`,
    );
  }
  if (lacks.length === 0) return ok('agentteam kinds', `${API_VERSION} of this release`);
  return warning(
    'agentteam kinds',
    `${API_VERSION} is from an older release, which ignores ${lacks.join(', ')}`,
    INSTALL,
  );
}

const INSTALL = 'To install the resource types of this release, run: agentteam install';

/** The fields that the cluster's definition lacks; undefined if the caller may not read it. */
async function lacking(
  { config }: Connection,
  crd: (typeof customResourceDefinitions)[number],
): Promise<readonly (string | undefined)[]> {
  const { apiVersion, kind, metadata, spec } = crd;
  const objects = KubernetesObjectApi.makeApiClient(config);
  const found = await lookUp(objects.read({ apiVersion, kind, metadata: { name: metadata.name } }));
  if (found.state !== 'found') return [undefined];
  const stored = found.value as unknown as typeof crd;
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
  const found = await lookUp(api.getAPIResources({ group, version }));
  if (found.state !== 'found') return new Set();
  return new Set(found.value.resources.map(({ name }) => name));
}

/** The part of an OpenAPI schema that contains fields. */
interface FieldSchema {
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
}

/** Lists the paths of fields that only `wanted` has, without their subfields. */
function missingPaths(
  wanted: FieldSchema | undefined,
  stored: FieldSchema | undefined,
  path = '',
): readonly string[] {
  if (wanted === undefined) return [];
  if (stored === undefined) return [path];
  const fields = Object.entries(wanted.properties ?? {}).flatMap(([name, field]) =>
    missingPaths(field, stored.properties?.[name], path === '' ? name : `${path}.${name}`),
  );
  return [...fields, ...missingPaths(wanted.items, stored.items, `${path}[]`)];
}
