import { AGENT_TEAM, AGENT_TEAM_RUN, GROUP } from '@agentteam/api';
import { isAllowed } from '../connection/access.ts';
import type { Connection } from '../connection/connection.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

interface Right {
  readonly verbs: readonly string[];
  readonly group: string;
  /** The resource with its subresource: `pods/log`. */
  readonly resource: string;
  /** The commands that need the right. */
  readonly commands: string;
  /** Whether the right is not needed for running teams. */
  readonly optional?: true;
}

const RIGHTS: readonly Right[] = [
  {
    verbs: ['get', 'list', 'watch'],
    group: GROUP,
    resource: AGENT_TEAM.plural,
    commands: 'list, get, watch',
  },
  {
    verbs: ['create', 'patch', 'delete'],
    group: GROUP,
    resource: AGENT_TEAM.plural,
    commands: 'submit, approve, reject, delete',
  },
  {
    verbs: ['get', 'list', 'watch', 'create'],
    group: GROUP,
    resource: AGENT_TEAM_RUN.plural,
    commands: 'submit --from-template',
    optional: true,
  },
  { verbs: ['get'], group: 'argoproj.io', resource: 'workflows', commands: 'get, watch' },
  {
    verbs: ['patch'],
    group: 'argoproj.io',
    resource: 'workflows',
    commands: 'stop, retry',
    optional: true,
  },
  { verbs: ['get'], group: '', resource: 'pods/log', commands: 'logs', optional: true },
  {
    verbs: ['create'],
    group: '',
    resource: 'pods/exec',
    commands: 'messages, tell',
    optional: true,
  },
  {
    verbs: ['create', 'get', 'delete'],
    group: '',
    resource: 'pods',
    commands: 'outputs, report of a team that has ended',
    optional: true,
  },
  {
    verbs: ['get', 'create'],
    group: '',
    resource: 'pods/exec',
    commands: 'outputs, report of a team that has ended',
    optional: true,
  },
  {
    verbs: ['get'],
    group: '',
    resource: 'pods/proxy',
    commands: 'cost of a running team',
    optional: true,
  },
];

/** Checks the caller's rights in the namespace with SelfSubjectAccessReviews. */
export async function examineRights(connection: Connection): Promise<readonly Finding[]> {
  return Promise.all(RIGHTS.map((right) => examineRight(connection, right)));
}

async function examineRight(connection: Connection, right: Right): Promise<Finding> {
  const { verbs, group, resource, commands, optional } = right;
  const check = `right to ${verbs.join(', ')} ${resource}`;
  const allowed = await Promise.all(verbs.map((verb) => isAllowed(connection, { ...right, verb })));
  const refused = verbs.filter((_, index) => !allowed[index]);
  if (refused.length === 0) return ok(check, commands);
  const { namespace } = connection;
  const name =
    group === '' ? resource : resource.replace(/^[^/]*/, (plural) => `${plural}.${group}`);
  const remedy = `Ask an administrator to run this and bind the role to you: kubectl create role agentteam-user -n ${namespace} --verb=${refused.join(',')} --resource=${name}`;
  const message = `you may not ${refused.join(', ')} ${name} in ${namespace}; needed for: ${commands}`;
  return optional ? warning(check, message, remedy) : failed(check, message, remedy);
}
