import { GROUP } from '@agentteam/api';
import { EXECUTOR, SUBMITTER } from '@agentteam/compiler';
import { FIGURES } from '@agentteam/contract';
import { CONTROLLER, type InstallSettings } from './settings.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Absent: all of the kind. */
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Scope {
  readonly group: string;
  readonly resources: readonly string[];
  readonly names?: readonly string[];
}

const rule = ({ group, resources, names }: Scope, ...verbs: readonly string[]): Rule => ({
  apiGroups: [group],
  resources,
  ...(names !== undefined && { resourceNames: names }),
  verbs,
});

const ARGO = 'argoproj.io';
const RBAC = 'rbac.authorization.k8s.io';
const KINDS = ['agentteams', 'agentteamtemplates', 'agentteamruns'];
const each = (subresource: string) => KINDS.map((kind) => `${kind}/${subresource}`);

/**
 * What the controller does in namespaces with teams, and nothing more: docs/chart.md says of each verb
 * why, and the chart grants the same. It reads one Secret, of its own making. Server-side apply names what
 * it creates, so that names bound `create` as well.
 * @param env the controller's variables: two of them ask for rights.
 */
export function controllerRules(env: InstallSettings['env']): readonly Rule[] {
  const executor = env['AGENTTEAM_EXECUTOR_SERVICE_ACCOUNT'] ?? EXECUTOR;
  // Argo's server writes a Workflow as a whole, with the rights of whoever asks it.
  const answers = env['AGENTTEAM_ARGO_SERVER_URL'] ? ['update'] : [];
  const accounts = [executor, SUBMITTER];
  return [
    rule(
      { group: GROUP, resources: ['agentteams'] },
      ...['get', 'list', 'watch', 'create', 'patch', 'delete'],
    ),
    rule({ group: GROUP, resources: ['agentteamruns'] }, 'get', 'list', 'watch', 'create'),
    rule({ group: GROUP, resources: ['agentteamtemplates'] }, 'get', 'list', 'watch'),
    rule({ group: GROUP, resources: each('status') }, 'patch'),
    rule({ group: GROUP, resources: each('finalizers') }, 'update'),
    rule(
      { group: ARGO, resources: ['workflows'] },
      'get',
      'list',
      'watch',
      'create',
      'patch',
      ...answers,
    ),
    rule({ group: ARGO, resources: ['workflowtemplates'] }, 'get', 'create', 'patch'),
    rule({ group: ARGO, resources: ['workflowtaskresults'] }, 'create', 'patch'),
    rule({ group: '', resources: ['persistentvolumeclaims'] }, 'create', 'patch'),
    rule({ group: '', resources: ['serviceaccounts'], names: accounts }, 'create', 'patch'),
    rule({ group: RBAC, resources: ['roles', 'rolebindings'], names: accounts }, 'create', 'patch'),
    rule(
      { group: '', resources: ['secrets'], names: [`${executor}.service-account-token`] },
      ...['create', 'patch'],
    ),
    rule(
      { group: '', resources: ['secrets'], names: [FIGURES.secret] },
      ...['get', 'create', 'patch', 'update'],
    ),
    rule({ group: '', resources: ['events'] }, 'create'),
    rule({ group: '', resources: ['pods/proxy'] }, 'get'),
  ];
}

/** What the cluster's own roles get to do with teams, templates and runs. */
export const USER_ROLES = {
  edit: {
    into: ['admin', 'edit'],
    verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
  },
  view: { into: ['view'], verbs: [] },
} as const;

export const userRules = (verbs: readonly string[]): readonly Rule[] => [
  rule({ group: GROUP, resources: KINDS }, 'get', 'list', 'watch', ...verbs),
];

const LEASES: Scope = { group: 'coordination.k8s.io', resources: ['leases'] };

const SECRETS: Scope = { group: '', resources: ['secrets'] };

/** In its own namespace: for its leader election, and for the key of gates with approvers. */
export const OWN_RULES: readonly Rule[] = [
  rule(LEASES, 'create'),
  rule({ ...LEASES, names: [CONTROLLER] }, 'get', 'update'),
  rule(SECRETS, 'create'),
  rule({ ...SECRETS, names: ['agentteam-gate-key'] }, 'get'),
];
