import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createRun, execute, type RunEvent, retry, stop } from '../src/index.ts';
import { shellOptions } from './support/shell-options.ts';
import { atExit, gate, script, task, workflow } from './workflows.ts';

let directory: string;
let root: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentteam words '));
  root = join(directory, 'run');
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A gate, a step that is retried and runs on, and what waits for both. */
function stuck(): Workflow {
  const long = script('long', 'sleep 600');
  long.retryStrategy = { limit: '2', retryPolicy: 'Always' };
  return workflow(
    [
      task('Ask', 'ask'),
      task('work', 'long'),
      task('plain', 'short'),
      task('after', 'short', 'work'),
      task('mourn', 'short', 'work.Failed'),
    ],
    [gate('ask'), long, script('short', 'true')],
  );
}

function node(ended: Workflow, name: string): NodeStatus | undefined {
  return Object.values(ended.status?.nodes ?? {}).find(({ displayName }) => displayName === name);
}

const said = (ended: Workflow, name: string) => [
  node(ended, name)?.type,
  node(ended, name)?.phase,
  node(ended, name)?.message,
];

async function run(spec: Workflow, onEvent?: (event: RunEvent) => void): Promise<Workflow> {
  createRun(root, spec);
  return execute(root, shellOptions(onEvent && { onEvent }));
}

test('of a stop, each kind of node says what it says in Argo', async () => {
  const ended = await run(stuck(), ({ type, ...event }) => {
    if (type === 'step-ended' && 'step' in event && event.step === 'plain') stop(root);
  });
  expect(said(ended, 'work(0)')).toEqual([
    'Pod',
    'Failed',
    'workflow shutdown with strategy:  Stop',
  ]);
  expect(said(ended, 'work')).toEqual(['Retry', 'Failed', "Stopped with strategy 'Stop'"]);
  expect(said(ended, 'Ask')).toEqual(['Suspend', 'Failed', "Stopped with strategy 'Stop'"]);
  expect(said(ended, 'after')).toEqual([
    'Skipped',
    'Omitted',
    'omitted: depends condition not met',
  ]);
  expect(said(ended, 'mourn')).toEqual(['Pod', 'Failed', 'workflow shutdown with strategy: Stop']);
  expect(said(ended, 'test')).toEqual(['DAG', 'Failed', undefined]);
  expect(ended.status?.message).toBe("Stopped with strategy 'Stop'");
});

test('of a deadline, too', async () => {
  const spec = stuck();
  const ended = await run({ ...spec, spec: { ...spec.spec, activeDeadlineSeconds: 1 } });
  expect(said(ended, 'work(0)')).toEqual(['Pod', 'Failed', 'Step exceeded its deadline']);
  expect(said(ended, 'work')).toEqual([
    'Retry',
    'Failed',
    expect.stringMatching(/^retry exceeded workflow deadline \S+ \S+ \+0000 UTC$/),
  ]);
  expect(said(ended, 'Ask')).toEqual(['Suspend', 'Failed', 'Step exceeded its deadline']);
  expect(ended.status?.message).toBeUndefined();
  expect(ended.status?.phase).toBe('Failed');
});

test('a stop that was asked for before the run began begins nothing', async () => {
  createRun(root, stuck());
  stop(root);
  const started: RunEvent[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.type === 'step-started') started.push(event);
  };
  const ended = await execute(root, shellOptions({ onEvent }));
  expect(started).toEqual([]);
  const stopped = "Stopped with strategy 'Stop'";
  const unbegun = 'workflow shutdown with strategy: Stop';
  expect(said(ended, 'Ask')).toEqual(['Suspend', 'Failed', stopped]);
  expect(said(ended, 'work(0)')).toEqual(['Pod', 'Failed', unbegun]);
  expect(said(ended, 'work')).toEqual(['Retry', 'Failed', stopped]);
  expect(said(ended, 'plain')).toEqual(['Pod', 'Failed', unbegun]);
  expect(ended.status).toMatchObject({ phase: 'Failed', message: stopped });
});

test('nodes hang together as in Argo: on the last attempt of all that they waited for', async () => {
  const flaky = script(
    'flaky',
    '[ -e "$AGENTTEAM_ROOT/data/x" ] || { touch "$AGENTTEAM_ROOT/data/x"; exit 1; }',
  );
  flaky.retryStrategy = { limit: '1' };
  const ended = await run(
    workflow(
      [task('a', 'flaky'), task('b', 'ok'), task('c', 'ok', 'a && b')],
      [flaky, script('ok', 'true')],
    ),
  );
  const children = (name: string) =>
    node(ended, name)?.children?.map((id) => ended.status?.nodes?.[id]?.displayName);
  expect(children('test')).toEqual(['a', 'b']);
  expect(children('a')).toEqual(['a(0)', 'a(1)']);
  expect(children('a(0)')).toBeUndefined();
  expect(children('a(1)')).toEqual(['c']);
  expect(children('b')).toEqual(['c']);
  // An attempt that failed counts as one that is not done.
  expect([ended.status?.progress, node(ended, 'a')?.progress]).toEqual(['3/4', '2/3']);
  for (const { finishedAt } of Object.values(ended.status?.nodes ?? {})) {
    expect(finishedAt).toEqual(expect.any(String));
  }
});

test('the exit handler is told what failed, and is done again by a retry', async () => {
  const bye = script('bye', 'printf "%s" "$0" > "$AGENTTEAM_ROOT/data/failures"');
  bye.container?.args?.push('{{=sprig.b64enc(sprig.trunc(4096, workflow.failures))}}');
  const spec = workflow(
    [task('a', 'bad')],
    [script('bad', '[ -e "$AGENTTEAM_ROOT/data/ok" ] || exit 4'), bye],
  );
  await run(atExit(spec, 'bye'));
  const failures = () =>
    JSON.parse(
      JSON.parse(atob(readFileSync(join(root, 'volumes/team/failures'), 'utf8'))) as string,
    );
  expect(failures()).toContainEqual(
    expect.objectContaining({
      displayName: 'a',
      message: 'main: Error (exit code 4)',
      phase: 'Failed',
    }),
  );
  retry(root);
  rmSync(join(root, 'volumes/team/failures'));
  expect((await execute(root, shellOptions())).status?.phase).toBe('Failed');
  expect(failures()).not.toEqual([]);
});

test('one newline at the end of an output is no part of it', async () => {
  const say = script(
    'say',
    'mkdir -p "$AGENTTEAM_ROOT/tmp/outputs"; printf "a\\n\\n" > "$AGENTTEAM_ROOT/tmp/outputs/x"',
  );
  say.outputs = { parameters: [{ name: 'x', valueFrom: { path: '/tmp/outputs/x', default: '' } }] };
  const ended = await run(workflow([task('a', 'say')], [say]));
  expect(node(ended, 'a')?.outputs?.parameters?.[0]?.value).toBe('a\n');
});
