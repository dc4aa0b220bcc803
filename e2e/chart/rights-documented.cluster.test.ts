import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { readConfig } from '../../packages/controller/src/config.ts';
import { agentteam } from '../cli/cli.ts';
import type { Stored } from '../controller/cluster.ts';
import { CHART, find, manifests, render, SYSTEM } from './helm.ts';
import { granted, rightLine } from './rights.ts';

const CONTROLLER = 'agentteam-controller';
const page = readFileSync(join(CHART, '../../docs/chart.md'), 'utf8');

/** The rights of a table under `## Rights`: 0 in namespaces with teams, 1 in the controller's own, 2 of the page. */
function documented(table: 0 | 1 | 2): readonly string[] {
  const section = page.split('\n## Rights\n')[1]?.split('\n## ')[0] ?? '';
  const rows = (section.split('| why |\n')[table + 1] ?? '').split('\n\n')[0]?.split('\n') ?? [];
  const words = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
  return rows
    .filter((row) => row.startsWith('| ') && !row.startsWith('|---'))
    .flatMap((row) => {
      const [, group, resources, names, verbs, why = ''] = row.split('|');
      if (why.trim() === '') throw new Error(`a right has no reason: ${row}`);
      const [apiGroup = ''] = words(group);
      const named = words(names);
      return words(resources).flatMap((resource) =>
        (named.length > 0 ? named : ['*']).flatMap((name) =>
          words(verbs).map((verb) => rightLine(verb, apiGroup, resource, name)),
        ),
      );
    })
    .toSorted();
}

test('docs/chart.md gives a reason for every right of the controller', async () => {
  const objects = await render();
  expect(documented(0)).toEqual(granted(find(objects, 'ClusterRole', CONTROLLER)));
  expect(documented(1)).toEqual(granted(find(objects, 'Role', CONTROLLER)));
});

test('docs/chart.md gives a reason for every right of the page', async () => {
  const of = async (auth: object) =>
    granted(find(await render({ ui: { enabled: true, auth } }), 'ClusterRole', 'agentteam-ui'));
  const proxy = { mode: 'proxy', proxy: { secretName: 'proxy', groups: ['*'] } };
  expect(documented(2)).toEqual([...(await of({})), ...(await of(proxy))].toSorted());
});

/** An object without the labels that name its installer. */
function unlabelled(object: Stored): Stored {
  const aggregate = Object.keys(object.metadata?.labels ?? {}).filter((key) =>
    key.includes('/aggregate-to-'),
  );
  const bare = JSON.parse(
    JSON.stringify(object, (key, value) =>
      key === 'labels' || key === 'matchLabels' || value === null ? undefined : value,
    ),
  ) as Stored;
  return { ...bare, ...(aggregate.length > 0 && { aggregate }) } as Stored;
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

/** A Deployment with the controller's configuration in place of its environment. */
function withConfig(object: Stored): Stored {
  if (object.kind !== 'Deployment') return object;
  const { template } = object.spec;
  const [container] = template.spec.containers as readonly [Container];
  const env = Object.fromEntries(
    container.env.map(({ name, value = `(${name})` }) => [name, value]),
  );
  const containers = [{ ...container, env: readConfig(env) }];
  const spec = { ...template.spec, containers };
  return { ...object, spec: { ...object.spec, template: { ...template, spec } } };
}

test.each([
  ['for all namespaces', {}, []],
  ['for two namespaces', { watch: { namespaces: ['a', 'b'] } }, ['--watch=a,b']],
  ['with a storage class', { teams: { storageClass: 'efs' } }, ['--storage-class=efs']],
  [
    "with Argo's server",
    { argo: { serverUrl: 'http://argo' } },
    ['--env=AGENTTEAM_ARGO_SERVER_URL=http://argo'],
  ],
  [
    'with another executor',
    { teams: { executorServiceAccount: 'argo-executor' } },
    ['--env=AGENTTEAM_EXECUTOR_SERVICE_ACCOUNT=argo-executor'],
  ],
] as const)(
  '`agentteam install` and the chart without webhooks install the same objects %s',
  async (_, values, args) => {
    const { stdout, stderr } = await agentteam(
      ['install', '--dry-run=client', '--replicas=2', ...args],
      { cwd: CHART },
    );
    expect(stderr).toBe('');
    const ofCli = manifests(stdout).filter(({ kind }) => kind !== 'Namespace');
    const objects = await render({ ...values, webhook: { enabled: false } });
    // The installer leaves out these objects, because nothing depends on them.
    const ofChart = objects.filter(
      ({ kind }) => kind !== 'Service' && kind !== 'PodDisruptionBudget',
    );
    const comparable = (list: readonly Stored[]) =>
      list
        .map((object) => withConfig(unlabelled(object)))
        .map(({ metadata, ...rest }) => ({
          ...rest,
          name: metadata?.name,
          namespace: metadata?.namespace ?? '',
        }))
        .toSorted((a, b) => key(a).localeCompare(key(b)));
    const key = (one: {
      readonly kind?: string;
      readonly name?: string | undefined;
      readonly namespace: string;
    }) => `${one.kind} ${one.namespace} ${one.name}`;
    expect(comparable(ofChart)).toEqual(comparable(ofCli));
    expect(ofChart.some(({ metadata }) => metadata?.namespace === SYSTEM)).toBe(true);
  },
);

test('the objects of `agentteam install` are up to date with the chart', async () => {
  const script = join(CHART, '../../scripts/write-manifests.mjs');
  const { exitCode, stderr } = await execa(process.execPath, [script, '--check'], {
    reject: false,
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});
