import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { Cluster, type Stored } from '../controller/cluster.ts';
import { ControllerProcess } from '../controller/process.ts';
import { NAMESPACE, team, teamRef, workflowRef } from '../controller/teams.ts';
import { onCluster } from './cli.ts';

let cluster: Cluster;
let controller: ControllerProcess;
let cli: ReturnType<typeof onCluster>;

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
  controller = await ControllerProcess.start(cluster.kubeconfig);
  cli = onCluster(cluster, NAMESPACE);
});
afterAll(async () => {
  await controller?.stop();
  await cluster?.stop();
});

const FINISHED = '2026-11-23T16:31:03Z';

/** Creates a team whose writer succeeded and whose editor failed. */
async function ended(name: string, lifecycle: object = {}): Promise<Stored> {
  await cluster.apply(team(name, { lifecycle }));
  await cluster.until(workflowRef(name), (now) => now !== undefined);
  const step = (displayName: string, phase: string, templateName: string) => ({
    ...{ id: `${name}-${displayName}`, name: `${name}.${displayName}`, displayName },
    ...{ type: 'Pod', phase, templateName, startedAt: FINISHED, finishedAt: FINISHED },
  });
  const nodes = [
    step('Lead', 'Succeeded', 'lead'),
    step('writer', 'Succeeded', 'agent-writer'),
    step('editor', 'Failed', 'agent-editor'),
  ];
  await cluster.patch(workflowRef(name), {
    status: {
      ...{ phase: 'Failed', startedAt: FINISHED, finishedAt: FINISHED },
      nodes: Object.fromEntries(nodes.map((node) => [node.id, node])),
    },
  });
  const isOver = (now: Stored | undefined) => now?.status?.phase === 'Failed' && now;
  return cluster.until(teamRef(name), isOver) as Promise<Stored>;
}

const fileOf = (name: string, spec: object): string => {
  const { metadata: _metadata, ...object } = team(name, spec);
  return stringify({ ...object, metadata: { name } });
};
const written = async (name: string) =>
  JSON.stringify((await cluster.get(workflowRef(name)))?.spec.templates);

test('a retry with a corrected file repeats the changed steps and keeps the others', async () => {
  await ended('corrected');
  const teammates = [
    { name: 'writer', prompt: 'Write it well.' },
    { name: 'editor', prompt: 'Edit it.', dependsOn: ['writer'] },
  ];
  const { stderr } = await cli(
    ['retry', 'corrected', '-f', '-'],
    fileOf('corrected', { teammates }),
  );
  // The lead merges the work again, so no step is kept.
  expect(stderr).toContain(`argo retry corrected -n ${NAMESPACE}`);
  expect(stderr).toContain('--restart-successful --node-field-selector=');
  expect(stderr).not.toMatch(/displayName!=(writer|Lead)/);
  expect(await written('corrected')).toContain('Write it well.');

  await ended('kept', { budgetLimit: '5.00' });
  const kept = await cli(
    ['retry', 'kept', '-f', '-'],
    fileOf('kept', { lifecycle: { timeout: '8h' } }),
  );
  expect(kept.stderr).toContain('displayName!=writer');
  expect((await cluster.get(workflowRef('kept')))?.spec.activeDeadlineSeconds).toBe(8 * 3600);
  // A field that the file leaves out is removed, although another client has set it.
  const { lifecycle } = (await cluster.get(teamRef('kept')))?.spec ?? {};
  expect(lifecycle).toMatchObject({ timeout: '8h' });
  expect(lifecycle).not.toHaveProperty('budgetLimit');
});

test('a retry uses a spec that was changed with kubectl', async () => {
  await ended('edited');
  await cluster.patch(teamRef('edited'), { spec: { lead: { prompt: 'Coordinate it well.' } } });
  const { stderr } = await cli(['retry', 'edited']);
  expect(stderr).toContain('--restart-successful');
  expect(stderr).not.toContain('displayName!=Lead');
  expect(await written('edited')).toContain('Coordinate it well.');
});

test('retry --budget raises the budget of the team and in every gateway', async () => {
  await ended('broke', { budgetLimit: '5.00' });
  const { stderr } = await cli(['retry', 'broke', '--budget=50']);
  expect(stderr).toContain(`argo retry broke -n ${NAMESPACE}`);
  expect(await written('broke')).toContain('\\"teamBudgetLimit\\":\\"50\\"');
  expect((await cluster.get(teamRef('broke')))?.spec.lifecycle.budgetLimit).toBe('50');
});

test('a retry that would add an agent is refused with the reason and changes nothing', async () => {
  await ended('grown');
  const before = await written('grown');
  const teammates = ['writer', 'editor', 'reader'].map((name) => ({ name, prompt: 'Work.' }));
  const { exitCode, stderr } = await cli(
    ['retry', 'grown', '-f', '-'],
    fileOf('grown', { teammates }),
  );
  expect(exitCode).toBe(1);
  expect(stderr).toContain('cannot add or remove teammates: reader');
  expect(await written('grown')).toBe(before);
});

test('a changed spec affects neither a running nor a completed team', async () => {
  await ended('done');
  await cluster.patch(workflowRef('done'), { status: { phase: 'Succeeded', nodes: null } });
  await cluster.until(teamRef('done'), (now) => now?.status?.phase === 'Completed');
  const before = await written('done');
  await cluster.patch(teamRef('done'), { spec: { lead: { prompt: 'Again.' } } });
  await cluster.until(teamRef('done'), (now) => now?.status?.observedGeneration === 2);
  expect(await written('done')).toBe(before);
});
