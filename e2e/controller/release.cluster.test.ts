import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { CONTROLLER } from '../../packages/runner/test/support/programs.ts';
import { Cluster } from './cluster.ts';
import { ControllerProcess } from './process.ts';
import { NAMESPACE, team, teamRef } from './teams.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
  for (const namespace of [NAMESPACE, 'elsewhere']) await cluster.namespace(namespace);
});
afterAll(async () => {
  await cluster?.stop();
});

const releaseTeams = (env: Readonly<Record<string, string>> = {}) =>
  execa(process.execPath, [CONTROLLER, 'release-teams'], {
    env: { KUBECONFIG: cluster.kubeconfig, ...env },
  });

test('release-teams succeeds in a cluster without teams', async () => {
  const { stdout } = await releaseTeams();
  expect(stdout).toContain('"teams":0');
});

test('a running team can be deleted without a controller after release-teams', async () => {
  const controller = await ControllerProcess.start(cluster.kubeconfig);
  const teams = [team('here'), team('there', {}, 'elsewhere')];
  const refs = [teamRef('here'), teamRef('there', 'elsewhere')];
  for (const one of teams) await cluster.apply(one);
  for (const ref of refs) {
    await cluster.until(ref, (now) => (now?.metadata?.finalizers ?? []).length > 0);
  }
  await controller.stop();

  await releaseTeams({ AGENTTEAM_NAMESPACES: 'elsewhere' });
  const [here, there] = refs;
  if (here === undefined || there === undefined) throw new Error('there are two teams');
  expect((await cluster.get(there))?.metadata?.finalizers).toBeUndefined();
  expect((await cluster.get(here))?.metadata?.finalizers).toHaveLength(1);

  const { stdout } = await releaseTeams();
  expect(stdout).toContain('"teams":1');
  for (const ref of refs) {
    await cluster.delete(ref);
    await cluster.until(ref, (now) => now === undefined);
  }
});

test('teams with long specs are released within the memory that the chart gives', async () => {
  await cluster.namespace('long');
  const prompt = 'Work. '.repeat(10_000);
  const teammates = Array.from({ length: 16 }, (_, index) => ({ name: `mate-${index}`, prompt }));
  const finalizers = ['claude.amcheste.io/stop-workflow'];
  for (let index = 0; index < 150; index += 1) {
    const { metadata, ...long } = team(`long-${index}`, { teammates }, 'long');
    await cluster.apply({ ...long, metadata: { ...metadata, finalizers } });
  }
  // The objects alone are larger.
  const { stdout } = await releaseTeams({
    AGENTTEAM_NAMESPACES: 'long',
    NODE_OPTIONS: '--max-old-space-size=96',
  });
  expect(stdout).toContain('"teams":150');
});
