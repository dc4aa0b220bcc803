import type { Problem } from '../../problem.ts';

const NO_SECRETS =
  'agents hold no secrets; environment.services adds a credential to the requests of an agent';
const NO_SECRET_VALUE =
  'agents hold no secrets; name the service and its Secret in environment.services, whose address needs no credential';
const NO_ENV_FROM = `list the variables in env, with value or valueFrom; ${NO_SECRET_VALUE}`;
const NO_SERVER_SECRET =
  'agents hold no secrets; a server that needs one belongs behind the gateway, with url and headersSecret';
const NO_SIDECAR_SECRET =
  'a sidecar holds no secrets, because its agent can control it; give a test database a password in value';
const NO_NODE = 'agents reach no directory or device of the node; use persistentVolumeClaim';

const NO_SCHEDULE =
  'a CronWorkflow of Argo starts teams by schedule: workflow-templates/examples/nightly.yaml';

/** Types of Kubernetes' volumes that agents may not have, with what to use in their place. */
const REFUSED_VOLUMES: Readonly<Record<string, string>> = {
  secret: NO_SECRETS,
  projected: NO_SECRETS,
  csi: `a driver can mount secrets, and ${NO_SECRETS}; for data use persistentVolumeClaim`,
  hostPath: NO_NODE,
  nfs: 'use persistentVolumeClaim',
  downwardAPI: 'use environment.env with fieldRef',
};

/** The hint for a field that people may expect, and that is left out on purpose. */
export function refusedHint(path: Problem['path']): string | undefined {
  const last = path.at(-1);
  if (last === 'schedule') return NO_SCHEDULE;
  if (last === 'secretKeyRef') return NO_SECRET_VALUE;
  if (last === 'envFrom' && path.at(-2) === 'environment') return NO_ENV_FROM;
  if (last === 'valueFrom' && path.includes('sidecars')) return NO_SIDECAR_SECRET;
  if (last === 'valueFrom' && path.includes('mcpServers')) return NO_SERVER_SECRET;
  const [list, index, field] = path.slice(-3);
  if (list !== 'volumes' || typeof index !== 'number') return undefined;
  return Object.hasOwn(REFUSED_VOLUMES, String(field)) ? REFUSED_VOLUMES[String(field)] : undefined;
}
