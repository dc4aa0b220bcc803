import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readConfig } from '../../packages/controller/src/config.ts';
import { agentteam } from '../cli/cli.ts';
import type { Stored } from '../controller/cluster.ts';
import { CHART, find, manifests, render, SYSTEM } from './helm.ts';
import { granted, rightLine } from './rights.ts';

const CONTROLLER = 'agentteam-controller';
const page = readFileSync(join(CHART, '../../docs/chart.md'), 'utf8');

/** The rights of a table under `## Rights`: 0 in namespaces with teams, 1 in the controller's own. */
function documented(table: 0 | 1): readonly string[] {
  const section = page.split('\n## Rights\n')[1]?.split('\n## ')[0] ?? '';
  const rows = (section.split('| why |\n')[table + 1] ?? '').split('\n\n')[0]?.split('\n') ?? [];
  const words = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
  return rows
    .filter((row) => row.startsWith('| ') && !row.startsWith('|---'))
    .flatMap((row) => {
      const [, group, resources, names, verbs, why = ''] = row.split('|');
      if (why.trim() === '') throw new Error(`without a reason: ${row}`);
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

test('docs/chart.md says of every right why the controller has it', async () => {
  const objects = await render();
  expect(documented(0)).toEqual(granted(find(objects, 'ClusterRole', CONTROLLER)));
  expect(documented(1)).toEqual(granted(find(objects, 'Role', CONTROLLER)));
});

/** Without the labels that tell of who installed it. */
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

/** A Deployment with what its environment means to the controller in place of the variables. */
function understood(object: Stored): Stored {
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
  ['everywhere', {}, []],
  ['in two namespaces', { watch: { namespaces: ['a', 'b'] } }, ['--watch=a,b']],
  ['on a storage class', { teams: { storageClass: 'efs' } }, ['--storage-class=efs']],
] as const)(
  '`agentteam install` and the chart without its webhook install the same %s',
  async (_, values, args) => {
    const { stdout, stderr } = await agentteam(
      ['install', '--dry-run=client', '--replicas=2', ...args],
      { cwd: CHART },
    );
    expect(stderr).toBe('');
    const ofCli = manifests(stdout).filter(({ kind }) => kind !== 'Namespace');
    const objects = await render({ ...values, webhook: { enabled: false } });
    // A Service for Prometheus and a budget for drains: objects that nothing depends on.
    const ofChart = objects.filter(
      ({ kind }) => kind !== 'Service' && kind !== 'PodDisruptionBudget',
    );
    const comparable = (list: readonly Stored[]) =>
      list
        .map((object) => understood(unlabelled(object)))
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
