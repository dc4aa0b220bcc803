import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { Cluster } from '../controller/cluster.ts';
import { NAMESPACE, team, teamRef } from '../controller/teams.ts';
import { onCluster } from './cli.ts';

let cluster: Cluster;
let cli: ReturnType<typeof onCluster>;

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
  cli = onCluster(cluster, NAMESPACE);
});
afterAll(async () => {
  await cluster?.stop();
});

const fileOf = (name: string, spec: object = {}): string => {
  const { metadata: _metadata, ...object } = team(name, spec);
  return stringify({ ...object, metadata: { name } });
};

describe('submit', () => {
  test('creates the team of a file in the namespace', async () => {
    const { exitCode, stdout } = await cli(['submit', '-'], fileOf('report'));
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'teams/report submitted' });
    const stored = await cluster.get(teamRef('report'));
    expect(stored?.spec).toMatchObject({ lead: { model: 'opus' }, lifecycle: { timeout: '4h' } });
    expect((await cli(['submit', '-'], fileOf('report'))).stdout).toContain('is already running');
  });

  test('sends a prompt unchanged, including hidden characters', async () => {
    const prompt = 'Write \u{e0001}\u007f\u0085\u2028\ufeff🙂.';
    const file = team('hidden', { teammates: [{ name: 'writer', prompt }] });
    const { exitCode } = await cli(['submit', '-'], JSON.stringify(file));
    expect(exitCode).toBe(0);
    expect((await cluster.get(teamRef('hidden')))?.spec.teammates[0].prompt).toBe(prompt);
  });

  test('refuses a team that is being deleted', async () => {
    const going = team('going');
    const finalizers = ['example.com/wait'];
    await cluster.apply({ ...going, metadata: { ...going.metadata, finalizers } });
    await cluster.delete(teamRef('going'));
    const { exitCode, stderr } = await cli(['submit', '-'], fileOf('going'));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('a team named going exists and is being deleted');
    await cluster.patch(teamRef('going'), { metadata: { finalizers: null } });
  });

  test('applies ConfigMaps of the same file and names objects that it ignores', async () => {
    const data = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'figures' },
      data: { a: '1' },
    };
    const other = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' } };
    const file = [fileOf('with-data'), stringify(data), stringify(other)].join('---\n');
    const { exitCode, stderr } = await cli(['submit', '-'], file);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('a Secret in - is ignored');
    const stored = { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name: 'figures' };
    expect(await cluster.get(stored)).toMatchObject({ data: { a: '1' } });
  });

  test.each(['client', 'server'])('--dry-run=%s changes nothing', async (where) => {
    const name = `dry-${where}`;
    const { exitCode } = await cli(['submit', '-', `--dry-run=${where}`], fileOf(name));
    expect(exitCode).toBe(0);
    expect(await cluster.get(teamRef(name))).toBeUndefined();
  });

  test('refuses an invalid file with line and caret before anything is sent', async () => {
    const file = fileOf('wrong', { teammates: [{ name: 'a', prompt: 'x', dependsOn: ['b'] }] });
    const { exitCode, stderr } = await cli(['submit', '-'], file);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('dependsOn');
    expect(await cluster.get(teamRef('wrong'))).toBeUndefined();
  });

  test('refuses a file for another namespace', async () => {
    const file = stringify(team('elsewhere', {}, 'another'));
    const { exitCode, stderr } = await cli(['submit', '-'], file);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('the file is for namespace another, but -n is teams');
  });
});

describe('submit --from-template', () => {
  const ref = (kind: string, name: string) =>
    ({ apiVersion: 'claude.amcheste.io/v1alpha1', kind, name, namespace: NAMESPACE }) as const;
  beforeAll(async () => {
    const { apiVersion } = ref('AgentTeamTemplate', 'review');
    await cluster.apply({
      apiVersion,
      kind: 'AgentTeamTemplate',
      metadata: { name: 'review', namespace: NAMESPACE },
      spec: {
        teammates: [{ name: 'reviewer', prompt: 'Review it.' }],
        lifecycle: { timeout: '1h', budgetLimit: '5.00' },
      },
    });
  });
  const submit = (...args: string[]) => cli(['submit', '--from-template=review', ...args]);

  test('creates a run with the parameters of Argo’s form', async () => {
    const prompt = 'Review "release 4" = all of it';
    const made = await submit('--name=release', '-p', `prompt=${prompt}`, '-p', 'budget=9.00');
    expect(made).toMatchObject({ exitCode: 0, stdout: 'teams/release submitted' });
    expect((await cluster.get(ref('AgentTeamRun', 'release')))?.spec).toMatchObject({
      templateRef: { name: 'review' },
      lead: { prompt },
      lifecycle: { budgetLimit: '9.00' },
    });
    const again = await submit('--name=release', '-p', 'prompt=x');
    expect(again.stderr).toContain('a run named release already exists');
    const unnamed = await submit('-p', 'prompt=x', '--json');
    expect(JSON.parse(unnamed.stdout).metadata.name).toMatch(/^review-[a-z0-9]{5}$/);
  });

  test('refuses an invalid team and a missing template before anything is sent', async () => {
    const wrong = await submit('--name=wrong', '-p', 'prompt=x', '-p', 'budget=lots');
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain('budgetLimit');
    expect(await cluster.get(ref('AgentTeamRun', 'wrong'))).toBeUndefined();
    const parameter = await submit('-p', 'promt=x');
    expect(parameter).toMatchObject({ exitCode: 2 });
    expect(parameter.stderr).toContain('The parameters are: prompt, repository');
    const missing = await cli(['submit', '--from-template=absent', '-p', 'prompt=x']);
    expect(missing.stderr).toContain('The templates are: review');
    const both = await cli(['submit', '-', '--from-template=review'], fileOf('both'));
    expect(both).toMatchObject({ exitCode: 2 });
  });

  test.each(['client', 'server'])('--dry-run=%s changes nothing', async (where) => {
    const made = await submit(`--name=dry-${where}`, '-p', 'prompt=x', `--dry-run=${where}`);
    expect(made.exitCode).toBe(0);
    expect(await cluster.get(ref('AgentTeamRun', `dry-${where}`))).toBeUndefined();
  });
});

describe('list, get, delete', () => {
  test('list has the columns of kubectl and, with -A, the namespace', async () => {
    await cluster.namespace('second');
    await cluster.apply(team('here'));
    await cluster.apply(team('there', {}, 'second'));
    const one = await cli(['list']);
    expect(one.stdout).toMatch(/^NAME +PHASE +READY +TASKS DONE +COST +BUDGET +AGE/);
    expect(one.stdout).toContain('here');
    expect(one.stdout).not.toContain('there');
    const all = await cli(['list', '-A']);
    expect(all.stdout).toMatch(/^NAMESPACE +NAME/);
    expect(all.stdout).toMatch(/second +there/);
    expect(JSON.parse((await cli(['list', '--json'])).stdout)).toMatchObject({ kind: 'List' });
  });

  test('get shows a team as text, YAML or JSON', async () => {
    await cluster.apply(team('shown'));
    expect((await cli(['get', 'shown'])).stdout).toMatch(/Name: +shown/);
    const json = JSON.parse((await cli(['get', 'shown', '-o', 'json'])).stdout);
    expect(json).toMatchObject({ kind: 'AgentTeam', metadata: { name: 'shown' } });
    expect(json.metadata.managedFields).toBeUndefined();
    expect((await cli(['get', 'shown', '-o', 'yaml'])).stdout).toContain('kind: AgentTeam');
  });

  test('an unknown name is answered with the existing names', async () => {
    await cluster.apply(team('known'));
    const { exitCode, stderr } = await cli(['get', 'unknown']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('there is no team unknown in namespace teams');
    expect(stderr).toContain('known');
  });

  test('delete --wait ends when the team is gone', async () => {
    await cluster.apply(team('done'));
    const { exitCode, stdout } = await cli(['delete', 'done', '--wait']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'done deleted' });
    expect(await cluster.get(teamRef('done'))).toBeUndefined();
  });
});
