import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { Cluster, type Stored } from '../controller/cluster.ts';
import { TeamStage } from '../controller/team-stage.ts';
import { team, teamRef } from '../controller/teams.ts';
import { onCluster } from './cli.ts';

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

/** A namespace in which teams run, and the CLI with its kubeconfig. */
async function stage(object: Stored) {
  const opened = await TeamStage.open(cluster, object);
  stages.push(opened);
  await opened.startController();
  return { namespace: opened.namespace, cli: onCluster(cluster, opened.namespace) };
}

const gateOpen = (name: string, namespace: string, event: string) =>
  cluster.until(teamRef(name, namespace), (now) =>
    now?.status?.approvals?.some((one: { event: string }) => one.event === event),
  );
const fileOf = ({ metadata, ...object }: Stored): string =>
  stringify({ ...object, metadata: { name: metadata?.name } });

test('submit --wait shows a team until its end while another terminal opens its gate', async () => {
  const object = team('report', { lifecycle: { approvalGates: [{ event: 'spawn-editor' }] } });
  const { namespace, cli } = await stage(object);
  const waiting = cli(['submit', '-', '--wait'], fileOf(object));
  await gateOpen('report', namespace, 'spawn-editor');
  const unknown = await cli(['approve', 'report', 'spawn-nobody']);
  expect(unknown).toMatchObject({ exitCode: 1 });
  expect(unknown.stderr).toContain('Its gates: spawn-editor');
  const approved = await cli(['approve', 'report', 'spawn-editor', '--reason', 'read it']);
  expect(approved).toMatchObject({ exitCode: 0, stdout: 'spawn-editor of report: approved' });
  const { exitCode, stdout, stderr } = await waiting;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain(`agentteam approve report -n ${namespace}`);
  expect(stdout).toContain('✓ writer completed');
  expect(stdout).toContain('✓ report completed after');
  expect(stdout).toContain(`claim ${namespace}/report-output`);

  // No webhook runs here, so the author of the answer is not recorded.
  expect((await cluster.get(teamRef('report', namespace)))?.status.approvals).toMatchObject([
    { decision: 'approve', via: 'agentteam', by: 'admin', reason: 'read it' },
  ]);
  expect((await cli(['get', 'report'])).stdout).toContain('Phase:           Completed');
  const cost = JSON.parse((await cli(['cost', 'report', '--json'])).stdout);
  expect(cost.lines.map(({ agent }: { agent: string }) => agent).sort()).toEqual(
    expect.arrayContaining(['editor', 'writer']),
  );
  expect(Number(cost.usd)).toBeGreaterThan(0);
  expect(cost.lines[0]).toMatchObject({ model: 'opus', tokens: { output: expect.any(Number) } });
  const again = await cli(['submit', '-', '--wait'], fileOf(object));
  expect(again.exitCode).toBe(1);
  expect(again.stderr).toContain('a team named report exists and has ended');
  const late = await cli(['reject', 'report', 'spawn-editor']);
  expect(late.stderr).toContain('was already approved');
});

test('events of a team whose gate was rejected, as JSON', async () => {
  const object = team('refused', { lifecycle: { approvalGates: [{ event: 'spawn-editor' }] } });
  const { namespace, cli } = await stage(object);
  const waiting = cli(['submit', '-', '--wait', '--json'], fileOf(object));
  await gateOpen('refused', namespace, 'spawn-editor');
  await cli(['reject', 'refused', 'spawn-editor', '--reason', 'no']);
  const { exitCode, stdout } = await waiting;
  const events = stdout.split('\n').map((line) => JSON.parse(line));
  expect(events.at(-1)).toMatchObject({ event: 'ended', run: 'refused', exitCode: 3 });
  expect(exitCode).toBe(3);
  expect(events).toContainEqual(expect.objectContaining({ step: 'editor', state: 'skipped' }));
});

test('stop ends a team at its gate, and --timeout ends only the wait', async () => {
  const object = team('stopped', { lifecycle: { approvalGates: [{ event: 'spawn-writer' }] } });
  const { namespace, cli } = await stage(object);
  const short = await cli(['submit', '-', '--wait', '--timeout', '5s'], fileOf(object));
  expect(short.exitCode).toBe(124);
  expect(short.stderr).toContain(`agentteam watch stopped -n ${namespace}`);
  await gateOpen('stopped', namespace, 'spawn-writer');
  const watching = cli(['watch', 'stopped']);
  const { exitCode, stdout } = await cli(['stop', 'stopped']);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(await watching).toMatchObject({ exitCode: 1 });
  expect((await cli(['stop', 'stopped'])).stderr).toContain('has already ended');
  expect((await cli(['delete', 'stopped', '--wait'])).stdout).toBe('stopped deleted');
});

test('--wait works for a run of a template as for a team', async () => {
  const { namespace, cli } = await stage(team('any'));
  const { teammates } = team('any').spec;
  await cluster.apply({
    apiVersion: 'claude.amcheste.io/v1alpha1',
    kind: 'AgentTeamTemplate',
    metadata: { name: 'reports', namespace },
    spec: { teammates },
  });
  const parameters = ['-p', 'prompt=Coordinate the report.', '-p', 'api-key-secret=anthropic'];
  const submit = ['submit', '--from-template=reports', '--name=q4', ...parameters, '--wait'];
  const { exitCode, stdout, stderr } = await cli(submit);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain('✓ q4 completed after');
  expect((await cli(['list'])).stdout).toMatch(/q4 +Completed/);
});
