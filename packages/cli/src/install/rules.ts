import { GROUP } from '@agentteam/api';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const rule = (group: string, resources: readonly string[], verbs: readonly string[]): Rule => ({
  apiGroups: [group],
  resources,
  verbs,
});

/** To see and to write what server-side apply needs: it creates with `patch`. */
const APPLY = ['get', 'create', 'patch'];

/** What the controller does in namespaces with teams, and nothing more. It reads no Secret. */
export const CONTROLLER_RULES: readonly Rule[] = [
  rule(
    GROUP,
    ['agentteams', 'agentteamtemplates', 'agentteamruns'],
    [...['get', 'list', 'watch', 'create', 'patch']],
  ),
  rule(
    GROUP,
    ['agentteams/status', 'agentteamtemplates/status', 'agentteamruns/status'],
    [...['patch', 'update']],
  ),
  // Asked for by clusters that check who may block an owner's deletion (OpenShift).
  rule(
    GROUP,
    ['agentteams/finalizers', 'agentteamtemplates/finalizers', 'agentteamruns/finalizers'],
    ['update'],
  ),
  rule(
    'argoproj.io',
    ['workflows', 'workflowtemplates'],
    [...['get', 'list', 'watch', 'create', 'patch']],
  ),
  rule('', ['persistentvolumeclaims', 'serviceaccounts'], APPLY),
  // The token of the executor's account: made, never read.
  rule('', ['secrets'], ['create', 'patch']),
  rule('rbac.authorization.k8s.io', ['roles', 'rolebindings'], APPLY),
  // What it grants to the executor it must have itself.
  rule('argoproj.io', ['workflowtaskresults'], ['create', 'patch']),
  rule('', ['events'], ['create']),
  // Live figures, asked of a gateway.
  rule('', ['pods/proxy'], ['get']),
];

/** For its leader election, in its own namespace. */
export const LEASE_RULES: readonly Rule[] = [
  rule('coordination.k8s.io', ['leases'], ['get', 'create', 'update']),
];
