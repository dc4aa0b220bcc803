import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Template, Workflow } from '@agentteam/argo';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createRun, execute, MissingSourceError, UnsupportedError } from '../src/index.ts';
import { shellOptions } from './support/shell-options.ts';
import { gate, script, task, workflow } from './workflows.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentteam refusals '));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

type Change = (parts: { readonly spec: Workflow['spec']; readonly step: Template }) => void;

const PROBE = { httpGet: { path: '/', port: 'nowhere' } };

const REFUSED: readonly (readonly [what: string, change: Change])[] = [
  ['spec.parallelism', ({ spec }) => Object.assign(spec, { parallelism: 2 })],
  ...(
    [
      ['restartPolicy: only Always', { restartPolicy: 'OnFailure' }],
      ['startupProbe: only with restartPolicy Always', { startupProbe: PROBE }],
      ['startupProbe.exec', { restartPolicy: 'Always', startupProbe: { exec: {} } }],
      [
        'startupProbe: only httpGet at a port of the container',
        { restartPolicy: 'Always', startupProbe: PROBE },
      ],
      ['livenessProbe', { livenessProbe: PROBE }],
    ] as const
  ).map(([what, fields]): (typeof REFUSED)[number] => [
    `initContainers[own].${what}`,
    ({ step }) =>
      Object.assign(step, { initContainers: [{ name: 'own', command: ['sh'], ...fields }] }),
  ]),
  [
    'outputs.parameters[x]: a file outside /tmp/outputs',
    ({ step }) =>
      Object.assign(step, {
        outputs: { parameters: [{ name: 'x', valueFrom: { path: '/etc/x', default: '' } }] },
      }),
  ],
  [
    'spec.templates[step].container.envFrom',
    ({ step }) => Object.assign(step.container ?? {}, { envFrom: [] }),
  ],
  [
    'env[A].valueFrom',
    ({ step }) => Object.assign(step.container ?? {}, { env: [{ name: 'A', valueFrom: {} }] }),
  ],
  [
    'volumes[s].secret.items',
    ({ step }) => step.volumes?.push({ name: 's', secret: { secretName: 's', items: [] } }),
  ],
  [
    'volumeMounts[team].subPathExpr',
    ({ step }) => Object.assign(step.container?.volumeMounts?.[0] ?? {}, { subPathExpr: '$(A)' }),
  ],
  [
    'there is no volume lost',
    ({ step }) => step.container?.volumeMounts?.push({ name: 'lost', mountPath: '/x' }),
  ],
  [
    'step].main: $(A)',
    ({ step }) =>
      Object.assign(step.container ?? {}, { env: [{ name: 'A', value: '1' }], args: ['$(A)'] }),
  ],
  ['{{workflow.uid}}', ({ step }) => step.container?.args?.push('{{workflow.uid}}')],
  ['{{retries}}', ({ step }) => step.container?.args?.push('{{retries}}')],
  ['{{=1+1}}', ({ step }) => step.container?.args?.push('{{=1+1}}')],
  ['{{ that is not a tag', ({ step }) => step.container?.args?.push('{{open')],
  [
    'retryStrategy.backoff.maxDuration',
    ({ step }) => {
      Object.assign(step, { retryStrategy: { backoff: { duration: '1s', maxDuration: '1m' } } });
    },
  ],
  [
    'retryStrategy.expression: lastRetry.exitCode',
    ({ step }) => Object.assign(step, { retryStrategy: { expression: 'lastRetry.exitCode' } }),
  ],
  [
    'without a default',
    ({ step }) =>
      Object.assign(step, { outputs: { parameters: [{ name: 'x', valueFrom: { path: '/x' } }] } }),
  ],
  [
    'suspend.duration: soon',
    ({ spec }) => spec.templates?.push({ ...gate('ask'), suspend: { duration: 'soon' } }),
  ],
  [
    'there is no task ghost',
    ({ spec }) => spec.templates?.[0]?.dag?.tasks?.push(task('b', 'step', 'ghost')),
  ],
  [
    'there is no nothing',
    ({ spec }) => spec.templates?.[0]?.dag?.tasks?.push(task('b', 'nothing')),
  ],
  [
    'tasks that wait for each other',
    ({ spec }) =>
      spec.templates?.[0]?.dag?.tasks?.push(task('b', 'step', 'c'), task('c', 'step', 'b')),
  ],
  ['only all tasks', ({ spec }) => spec.templates?.[0]?.dag?.tasks?.push(task('b', 'step'))],
  ['a dag in a dag', ({ spec }) => spec.templates?.[0]?.dag?.tasks?.push(task('b', 'dag'))],
  ['spec.entrypoint', ({ spec }) => Object.assign(spec, { entrypoint: 'step' })],
];

test.each(REFUSED)('%s is refused by name, before anything is written', (what, change) => {
  const step = script('step', 'true');
  const spec = workflow([task('a', 'step')], [step]);
  change({ spec: spec.spec, step });
  const create = () => createRun(join(directory, 'run'), spec);
  expect(create).toThrow(UnsupportedError);
  expect(create).toThrow(what);
  expect(readdirSync(directory)).toEqual([]);
});

test('all that nobody provided is named at once, before anything starts', async () => {
  const step = script('step', 'touch "$AGENTTEAM_ROOT/data/ran"');
  const other = script('other', 'true');
  other.container = { ...other.container, image: 'test', command: ['agentteam-runner'] };
  step.volumes?.push(
    { name: 'in', persistentVolumeClaim: { claimName: 'inputs' } },
    { name: 'map', configMap: { name: 'settings' } },
    { name: 'key', secret: { secretName: 'api' } },
  );
  const root = join(directory, 'run');
  createRun(root, workflow([task('a', 'step'), task('b', 'other')], [step, other]));
  const executed = execute(root, shellOptions());
  await expect(executed).rejects.toThrow(MissingSourceError);
  for (const name of ['inputs', 'settings', 'api', 'agentteam-runner']) {
    await expect(executed).rejects.toThrow(name);
  }
  expect(readdirSync(root)).toEqual(['workflow.json']);
});
