import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Template, Workflow } from '@agentteam/argo';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { requireFixedMounts } from '../src/check/require-fixed-mounts.ts';
import {
  createRun,
  execute,
  MissingSourceError,
  MovableMountError,
  UnsupportedError,
} from '../src/index.ts';
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

const REFUSED: readonly (readonly [message: string, change: Change])[] = [
  ['spec.parallelism', ({ spec }) => Object.assign(spec, { parallelism: 2 })],
  ...(
    [
      ['restartPolicy: only Always is supported', { restartPolicy: 'OnFailure' }],
      ['startupProbe: only supported with restartPolicy Always', { startupProbe: PROBE }],
      ['startupProbe.exec', { restartPolicy: 'Always', startupProbe: { exec: {} } }],
      [
        'startupProbe: only httpGet on a declared port is supported',
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
    'outputs.parameters[x]: only a file below /tmp/outputs is supported',
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
    'env[A]: the field status.podIP does not exist on this machine',
    ({ step }) =>
      Object.assign(step.container ?? {}, {
        env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
      }),
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
    'no volume is named lost',
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
  ['{{ without a tag', ({ step }) => step.container?.args?.push('{{open')],
  [
    'retryStrategy.backoff.maxDuration',
    ({ step }) => {
      Object.assign(step, { retryStrategy: { backoff: { duration: '1s', maxDuration: '1m' } } });
    },
  ],
  [
    'retryStrategy.expression: cannot evaluate lastRetry.exitCode',
    ({ step }) => Object.assign(step, { retryStrategy: { expression: 'lastRetry.exitCode' } }),
  ],
  [
    'the output needs a default',
    ({ step }) =>
      Object.assign(step, { outputs: { parameters: [{ name: 'x', valueFrom: { path: '/x' } }] } }),
  ],
  [
    'suspend.duration: soon is not a duration',
    ({ spec }) => spec.templates?.push({ ...gate('ask'), suspend: { duration: 'soon' } }),
  ],
  [
    'unknown task ghost',
    ({ spec }) => spec.templates?.[0]?.dag?.tasks?.push(task('b', 'step', 'ghost')),
  ],
  [
    'unknown template nothing',
    ({ spec }) => spec.templates?.[0]?.dag?.tasks?.push(task('b', 'nothing')),
  ],
  [
    'the tasks depend on each other in a cycle',
    ({ spec }) =>
      spec.templates?.[0]?.dag?.tasks?.push(task('b', 'step', 'c'), task('c', 'step', 'b')),
  ],
  [
    'dag.target: must list all tasks',
    ({ spec }) => spec.templates?.[0]?.dag?.tasks?.push(task('b', 'step')),
  ],
  [
    'a dag inside a dag is not supported',
    ({ spec }) => spec.templates?.[0]?.dag?.tasks?.push(task('b', 'dag')),
  ],
  ['spec.entrypoint', ({ spec }) => Object.assign(spec, { entrypoint: 'step' })],
];

test.each(REFUSED)('%s: refused before anything is written', (message, change) => {
  const step = script('step', 'true');
  const spec = workflow([task('a', 'step')], [step]);
  change({ spec: spec.spec, step });
  const create = () => createRun(join(directory, 'run'), spec);
  expect(create).toThrow(UnsupportedError);
  expect(create).toThrow(message);
  expect(readdirSync(directory)).toEqual([]);
});

test('all missing claims, ConfigMaps, Secrets and programs are named together, before anything starts', async () => {
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

/** A step that mounts a part of the claim, or all of it. */
function mounting(name: string, text: string, mount: object): Template {
  const template = script(name, text);
  const volumeMounts = [{ name: 'team', mountPath: '/data', ...mount }];
  return { ...template, container: { ...template.container, image: 'test', volumeMounts } };
}

test.each([
  ['all of the claim', {}],
  ['a directory above it', { subPath: 'shared' }],
])(
  'a mount is refused if an agent may write to %s, and so replace it by a link',
  async (_, mount) => {
    const templates = [
      mounting('a', 'touch /data/ran', mount),
      mounting('b', 'true', { subPath: 'shared/part' }),
    ];
    const root = join(directory, 'run');
    createRun(root, workflow([task('a', 'a'), task('b', 'b')], templates));
    const executed = execute(root, shellOptions({ sandboxed: () => true }));
    await expect(executed).rejects.toThrow(MovableMountError);
    await expect(executed).rejects.toThrow(
      '/data of b cannot be mounted on this machine, because a',
    );
    expect(readdirSync(root)).toEqual(['workflow.json']);
  },
);

test.each([
  ['a directory', true],
  ['a directory that a mount creates', false],
])(
  'a mount is refused if a link of an earlier run leads it into %s that an agent may write',
  async (_, isThere) => {
    const templates = [
      mounting('a', 'touch /data/ran', { subPath: 'shared' }),
      mounting('b', 'true', { subPath: 'other/part' }),
    ];
    const root = join(directory, 'run');
    createRun(root, workflow([task('a', 'a'), task('b', 'b')], templates));
    const claim = join(root, 'volumes/team');
    mkdirSync(isThere ? join(claim, 'shared') : claim, { recursive: true });
    symlinkSync('shared', join(claim, 'other'));
    symlinkSync('loop', join(claim, 'loop'));
    const executed = execute(root, shellOptions({ sandboxed: () => true }));
    await expect(executed).rejects.toThrow(MovableMountError);
  },
);

test('mounts beside each other, and below what nobody in a sandbox may write, are possible', async () => {
  const templates = [
    mounting('a', 'true', { readOnly: true }),
    mounting('b', 'true', { subPath: 'shared/part' }),
    mounting('c', 'true', { subPath: 'shared/part-2' }),
  ];
  const root = join(directory, 'run');
  createRun(root, workflow([task('a', 'a'), task('b', 'b', 'a'), task('c', 'c', 'b')], templates));
  const ended = await execute(root, shellOptions());
  expect(ended.status?.phase).toBe('Succeeded');
  // Nothing runs in a sandbox here: only the check is of interest.
  const isMain = (_: string, container: string): boolean => container === 'main';
  expect(() =>
    requireFixedMounts(root, ended, shellOptions({ sandboxed: isMain }), isMain),
  ).not.toThrow();
});

test('a link that an earlier run has left in a claim leads nowhere', async () => {
  const root = join(directory, 'run');
  createRun(
    root,
    workflow(
      [task('b', 'b')],
      [mounting('b', 'touch "$AGENTTEAM_ROOT/data/ran"', { subPath: 'part/x' })],
    ),
  );
  const outside = join(directory, 'outside');
  mkdirSync(outside);
  mkdirSync(join(root, 'volumes/team'), { recursive: true });
  symlinkSync(outside, join(root, 'volumes/team/part'));
  const ended = await execute(root, shellOptions());
  const messages = Object.values(ended.status?.nodes ?? {}).map(({ message }) => message);
  expect(messages).toContain('part/x in the volume team is a link that leads out of the volume');
  expect(readdirSync(outside)).toEqual([]);
});
