import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { Cluster, type Stored } from './cluster.ts';
import { TeamStage } from './team-stage.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
let cluster: Cluster;
const stages: TeamStage[] = [];

beforeAll(async () => {
  cluster = await Cluster.start();
});
afterEach(async () => {
  for (const opened of stages.splice(0)) await opened.close();
});
afterAll(async () => {
  await cluster?.stop();
});

async function stage(object: Stored, script?: string) {
  const opened = await TeamStage.open(cluster, object, script);
  stages.push(opened);
  const controller = await opened.startController();
  const { namespace, argo, rehearsal } = opened;
  return { namespace, argo, rehearsal, controller, restart: () => opened.startController() };
}

const ENDED = ['Completed', 'Failed', 'TimedOut', 'BudgetExceeded'];
const ended = (name: string, namespace: string) =>
  cluster.until(
    teamRef(name, namespace),
    (now) => ENDED.includes(now?.status?.phase) && (now as Stored & { readonly status: object }),
  );
const gateOpen = (name: string, namespace: string, event: string) =>
  cluster.until(
    teamRef(name, namespace),
    ({ status } = {} as Stored) =>
      status?.approvals?.some((one: { event: string }) => one.event === event) && status,
  );
const reasons = async (namespace: string) =>
  (await cluster.list('v1', 'Event', namespace)).map(
    (event) => (event as { reason?: string }).reason,
  );

test('runs the report team, with an approval by annotation', async () => {
  const file = (name: string) => readFileSync(join(examples, 'q3-report', name), 'utf8');
  const report = parse(file('team.yaml')) as Stored;
  const { namespace, argo, rehearsal } = await stage(report, file('rehearsal.yaml'));
  for (const [name, keys] of Object.entries({
    'quarterly-data': ['README.md', 'prospects.csv', 'sales.csv'],
    'data-analysis-skill': ['SKILL.md'],
  })) {
    const from = keys.map(
      (key) => `--from-file=${join(examples, 'q3-report/configmaps', name, key)}`,
    );
    await cluster.kubectl('create', 'configmap', name, '-n', namespace, ...from);
  }
  // Its mail server is local too: nothing leaves this machine.
  for (const server of report.spec.teammates[1].mcpServers) {
    server.url = `${rehearsal.url}/mcp/${server.name}`;
  }
  await cluster.apply({ ...report, metadata: { name: 'q3-report', namespace } });
  const waiting = await gateOpen('q3-report', namespace, 'spawn-email-drafter');
  expect(waiting.teammates).toMatchObject([
    { name: 'researcher' },
    { name: 'email-drafter', phase: 'Waiting', pendingApproval: 'spawn-email-drafter' },
  ]);
  await cluster.kubectl(
    ...['annotate', 'agentteam', 'q3-report', '-n', namespace],
    'approved.claude.amcheste.io/spawn-email-drafter=true',
    'reason.claude.amcheste.io/spawn-email-drafter=reviewed with sales',
  );
  const { status } = await ended('q3-report', namespace);
  expect(status).toMatchObject({
    phase: 'Completed',
    ready: '2/2',
    approvals: [
      {
        event: 'spawn-email-drafter',
        decision: 'approve',
        via: 'annotation',
        by: 'annotation',
        reason: 'reviewed with sales',
      },
    ],
  });
  expect(Number(status.estimatedCost)).toBeGreaterThan(0);
  expect(status.totalTokensUsed).toBeGreaterThan(0);
  expect(status.tasks.completed).toBe(status.tasks.total);
  expect(readFileSync(join(argo.claim('q3-report-output'), 'report.md'), 'utf8')).toContain('Q3');
  // Do not expect Initializing: setup takes a second, and a busy controller sees only its end.
  expect(await reasons(namespace)).toEqual(
    expect.arrayContaining(['Pending', 'Running', 'ApprovalRequired', 'Approved', 'Completed']),
  );
});

test('a team that exceeds its budget has the phase BudgetExceeded and its cost', async () => {
  const object = team('poor', { lifecycle: { budgetLimit: '0.01' } });
  const { namespace } = await stage(object);
  await cluster.apply({ ...object, metadata: { name: 'poor', namespace } });
  const { status } = await ended('poor', namespace);
  expect(status.phase).toBe('BudgetExceeded');
  expect(Number(status.estimatedCost)).toBeGreaterThan(0);
});

test('a team that waits for an answer past its timeout has the phase TimedOut', async () => {
  const lifecycle = { timeout: '20s', approvalGates: [{ event: 'spawn-writer' }] };
  const object = team('late', { lifecycle });
  const { namespace } = await stage(object);
  await cluster.apply({ ...object, metadata: { name: 'late', namespace } });
  const { status } = await ended('late', namespace);
  expect(status.phase).toBe('TimedOut');
});

test('a rejected teammate does not start, and the others continue', async () => {
  const object = team('refused', { lifecycle: { approvalGates: [{ event: 'spawn-editor' }] } });
  const { namespace } = await stage(object);
  await cluster.apply({ ...object, metadata: { name: 'refused', namespace } });
  await gateOpen('refused', namespace, 'spawn-editor');
  await cluster.patch(teamRef('refused', namespace), {
    metadata: { annotations: { 'approved.claude.amcheste.io/spawn-editor': 'false' } },
  });
  const { status } = await ended('refused', namespace);
  expect(status).toMatchObject({
    phase: 'Failed',
    message: 'spawn-editor was rejected by annotation.',
    teammates: [{ phase: 'Completed' }, { phase: 'Skipped' }],
  });
  expect(await reasons(namespace)).toContain('Rejected');
});

test('a gate that nobody answers in time is reported as unanswered, not as rejected', async () => {
  const lifecycle = { approvalTimeout: '2s', approvalGates: [{ event: 'spawn-editor' }] };
  const object = team('unanswered', { lifecycle });
  const { namespace } = await stage(object);
  await cluster.apply({ ...object, metadata: { name: 'unanswered', namespace } });
  const { status } = await ended('unanswered', namespace);
  expect(status).toMatchObject({
    phase: 'Failed',
    message: 'Nobody answered spawn-editor in time.',
    approvals: [{ decision: 'reject', via: 'timeout' }],
    teammates: [{ phase: 'Completed' }, { phase: 'Skipped', message: 'nobody answered in time' }],
  });
  const told = await reasons(namespace);
  expect(told).toContain('Unanswered');
  expect(told).not.toContain('Rejected');
});

test('deleting a running team lets its agents stop first', async () => {
  const lifecycle = { approvalGates: [{ event: 'spawn-editor' }] };
  const object = team('deleted', { lifecycle });
  const { namespace } = await stage(object);
  await cluster.apply({ ...object, metadata: { name: 'deleted', namespace } });
  await gateOpen('deleted', namespace, 'spawn-editor');
  await cluster.delete(teamRef('deleted', namespace));
  await cluster.until(teamRef('deleted', namespace), (now) => now === undefined);
  // There is no garbage collector here, so the Workflow still exists.
  const workflow = await cluster.get(workflowRef('deleted', namespace));
  expect(workflow?.spec.shutdown).toBe('Stop');
  expect(workflow?.status).toMatchObject({ phase: 'Failed', finishedAt: expect.anything() });
});

test('another controller continues after one was killed at a gate', async () => {
  const lifecycle = { approvalGates: [{ event: 'spawn-editor' }] };
  const object = team('orphan', { lifecycle });
  const { namespace, controller, restart } = await stage(object);
  await cluster.apply({ ...object, metadata: { name: 'orphan', namespace } });
  await gateOpen('orphan', namespace, 'spawn-editor');
  await controller.stop('SIGKILL');
  await cluster.patch(teamRef('orphan', namespace), {
    metadata: { annotations: { 'approved.claude.amcheste.io/spawn-editor': 'true' } },
  });
  await restart();
  const { status } = await ended('orphan', namespace);
  expect(status.phase).toBe('Completed');
});
