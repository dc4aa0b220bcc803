import type { AgentTeam } from '@agentteam/api';
import { checkObject } from '@agentteam/compiler';
import { defaultScript, type Rehearsal, startRehearsal } from '@agentteam/rehearsal';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ArgoStandIn } from '../argo/stand-in.ts';
import { Cluster, type Stored } from '../controller/cluster.ts';
import type { ControllerProcess } from '../controller/process.ts';
import { team, teamRef, workflowRef } from '../controller/teams.ts';
import { auditedRequests, auditFlags } from './audit.ts';
import { RELEASE, SYSTEM } from './helm.ts';
import { granted, rightLine } from './rights.ts';
import { handOverKinds, release, startInstalled } from './system.ts';

const NAMESPACE = 'team-a';
const USER = `system:serviceaccount:${SYSTEM}:${RELEASE}-controller`;
const GATED = team(
  'gated',
  { lifecycle: { approvalGates: [{ event: 'spawn-editor' }] } },
  NAMESPACE,
);
let cluster: Cluster;
let rehearsal: Rehearsal;
let argo: ArgoStandIn;
let controller: ControllerProcess;

beforeAll(async () => {
  cluster = await Cluster.start([], auditFlags);
  await cluster.namespace(SYSTEM);
  await cluster.namespace(NAMESPACE);
  await handOverKinds(cluster);
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'anthropic', namespace: NAMESPACE },
    ...{ stringData: { ANTHROPIC_API_KEY: 'sk-ant-rehearsal' } },
  });
  const { team: checked } = checkObject({ ...GATED, metadata: { name: 'x' } });
  rehearsal = await startRehearsal({ script: defaultScript(checked as AgentTeam) });
  await release(cluster, 'install', {
    watch: { namespaces: [NAMESPACE] },
    teams: { apiUrl: `${rehearsal.url}/{agent}` },
    controller: { livePollSeconds: 1 },
  });
  controller = await startInstalled(cluster);
});
afterAll(async () => {
  await controller?.stop();
  await argo?.stop();
  await rehearsal?.close();
  await cluster?.stop();
});

const phase = (name: string, wanted: string) =>
  cluster.until(teamRef(name, NAMESPACE), (now) => now?.status?.phase === wanted && now);
const ours = (kind: string, name: string) => ({ ...teamRef(name, NAMESPACE), kind });
const gone = (name: string) => cluster.until(teamRef(name, NAMESPACE), (now) => now === undefined);
const asked = () => auditedRequests(cluster.directory, USER);

function run(name: string): Stored {
  const { auth, lead } = GATED.spec;
  const spec = { templateRef: { name: 'report' }, workspace: { output: {} }, auth, lead };
  return { ...GATED, kind: 'AgentTeamRun', metadata: { name, namespace: NAMESPACE }, spec };
}

test('runs a team to completion, with an approval by the user that the webhook saw', async () => {
  argo = new ArgoStandIn(cluster, NAMESPACE);
  await cluster.apply(GATED);
  await cluster.until(
    teamRef('gated', NAMESPACE),
    (now) => now?.status?.approvals?.[0]?.event === 'spawn-editor',
  );
  const approved = { 'approved.claude.amcheste.io/spawn-editor': 'true' };
  await cluster.patch(teamRef('gated', NAMESPACE), { metadata: { annotations: approved } });
  const { status, metadata } = await phase('gated', 'Completed');
  expect(status.approvals).toMatchObject([{ decision: 'approve', by: 'admin' }]);
  expect(metadata?.annotations).toMatchObject({ 'claude.amcheste.io/author': 'admin' });
  expect(await cluster.list('v1', 'PersistentVolumeClaim', NAMESPACE)).toMatchObject([
    { metadata: { name: 'gated-output' } },
    { metadata: { name: 'gated-team' } },
  ]);
  await cluster.patch(teamRef('gated', NAMESPACE), {
    spec: { lifecycle: { ttlSecondsAfterFinished: 0 } },
  });
  await cluster.until(teamRef('gated', NAMESPACE), (now) => now === undefined);
});

test('offers a template to Argo, and runs it', async () => {
  const { lead: _lead, auth: _auth, workspace: _workspace, ...spec } = team('x').spec;
  await cluster.apply({
    ...GATED,
    kind: 'AgentTeamTemplate',
    metadata: { name: 'report', namespace: NAMESPACE },
    spec,
  });
  await cluster.until(ours('AgentTeamTemplate', 'report'), (now) => now?.status?.ready === true);
  await cluster.apply(run('of-template'));
  await phase('of-template', 'Completed');
});

test('handles the deletion of a running team, its Workflow, and the team of a run', async () => {
  const waiting = { ...GATED, metadata: { name: 'waiting', namespace: NAMESPACE } };
  await cluster.apply(waiting);
  await phase('waiting', 'Running');
  await cluster.delete(teamRef('waiting', NAMESPACE));
  await cluster.until(workflowRef('waiting', NAMESPACE), (now) => now?.spec.shutdown === 'Stop');
  await gone('waiting');

  await cluster.apply({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'occupied-output', namespace: NAMESPACE },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
  });
  await cluster.apply({ ...GATED, metadata: { name: 'occupied', namespace: NAMESPACE } });
  await phase('occupied', 'Pending');

  await cluster.apply({ ...GATED, metadata: { name: 'robbed', namespace: NAMESPACE } });
  await phase('robbed', 'Running');
  await cluster.delete(workflowRef('robbed', NAMESPACE));
  await phase('robbed', 'Failed');

  await cluster.apply(run('orphaned'));
  await cluster.until(ours('AgentTeamRun', 'orphaned'), (now) => now?.status?.phase === 'Running');
  await cluster.delete(teamRef('orphaned', NAMESPACE));
  await cluster.until(ours('AgentTeamRun', 'orphaned'), (now) => now?.status?.phase === 'Failed');
});

test('none of its requests was refused', async () => {
  expect(await controller.stop()).toBe(0);
  expect(asked().length).toBeGreaterThan(100);
  expect(asked().filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
});

/** Rights that do not appear in the controller's requests, with the reason. */
const UNSEEN: readonly RegExp[] = [
  // The API server checks `create` when server-side apply creates an object.
  /^create (persistentvolumeclaims|serviceaccounts|secrets|.*\/(roles|rolebindings|workflowtemplates)) /,
  // Used only when a namespace exceeds its share of the controller's memory.
  /^get claude\.amcheste\.io\/agentteamtemplates /,
  // Used only while a pod does not start; no node runs pods here.
  /^list events /,
  // The API server requires them of a user who creates a role that grants them.
  /^(get|create) claude\.amcheste\.io\/agentteamruns /,
  /^(create|patch) argoproj\.io\/workflowtaskresults /,
  // An admission plugin requires it for an owner reference with blockOwnerDeletion.
  /^update claude\.amcheste\.io\/\w+\/finalizers /,
];

test('it needed every right that it has', async () => {
  const roles = [
    { kind: 'ClusterRole', name: `${RELEASE}-controller` },
    { kind: 'Role', name: `${RELEASE}-controller`, namespace: SYSTEM },
  ];
  const stored = await Promise.all(
    roles.map((ref) => cluster.get({ apiVersion: 'rbac.authorization.k8s.io/v1', ...ref })),
  );
  const rights = stored.flatMap((role) => granted(role as Stored));
  const used = new Set(
    asked().flatMap(({ verb, objectRef }) => {
      if (objectRef === undefined) return [];
      const { apiGroup = '', resource, subresource, name = '*' } = objectRef;
      const full = subresource === undefined ? resource : `${resource}/${subresource}`;
      return [rightLine(verb, apiGroup, full, name), rightLine(verb, apiGroup, full, '*')];
    }),
  );
  const unused = rights.filter((right) => !used.has(right));
  expect(unused.filter((right) => !UNSEEN.some((reason) => reason.test(right)))).toEqual([]);
});
