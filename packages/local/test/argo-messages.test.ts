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
  directory = mkdtempSync(join(tmpdir(), 'agentteam messages '));
  root = join(directory, 'run');
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A gate and a retried step that do not end, and steps that depend on the retried one. */
function endless(): Workflow {
  const long = script('long', 'sleep 600');
  long.retryStrategy = { limit: '2', retryPolicy: 'Always' };
  return workflow(
    [
      task('Ask', 'ask'),
      task('work', 'long'),
      task('plain', 'short'),
      task('after', 'short', 'work'),
      task('cleanup', 'short', 'work.Failed'),
    ],
    [gate('ask'), long, script('short', 'true')],
  );
}

function node(ended: Workflow, name: string): NodeStatus | undefined {
  return Object.values(ended.status?.nodes ?? {}).find(({ displayName }) => displayName === name);
}

const typePhaseMessage = (ended: Workflow, name: string) => [
  node(ended, name)?.type,
  node(ended, name)?.phase,
  node(ended, name)?.message,
];

async function run(spec: Workflow, onEvent?: (event: RunEvent) => void): Promise<Workflow> {
  createRun(root, spec);
  return execute(root, shellOptions(onEvent && { onEvent }));
}

test('after a stop, every kind of node has the message that Argo writes', async () => {
  const ended = await run(endless(), ({ type, ...event }) => {
    if (type === 'step-ended' && 'step' in event && event.step === 'plain') stop(root);
  });
  expect(typePhaseMessage(ended, 'work(0)')).toEqual([
    'Pod',
    'Failed',
    'workflow shutdown with strategy:  Stop',
  ]);
  expect(typePhaseMessage(ended, 'work')).toEqual([
    'Retry',
    'Failed',
    "Stopped with strategy 'Stop'",
  ]);
  expect(typePhaseMessage(ended, 'Ask')).toEqual([
    'Suspend',
    'Failed',
    "Stopped with strategy 'Stop'",
  ]);
  expect(typePhaseMessage(ended, 'after')).toEqual([
    'Skipped',
    'Omitted',
    'omitted: depends condition not met',
  ]);
  expect(typePhaseMessage(ended, 'cleanup')).toEqual([
    'Pod',
    'Failed',
    'workflow shutdown with strategy: Stop',
  ]);
  expect(typePhaseMessage(ended, 'test')).toEqual(['DAG', 'Failed', undefined]);
  expect(ended.status?.message).toBe("Stopped with strategy 'Stop'");
});

test('after a deadline, every kind of node has the message that Argo writes', async () => {
  const spec = endless();
  const ended = await run({ ...spec, spec: { ...spec.spec, activeDeadlineSeconds: 1 } });
  expect(typePhaseMessage(ended, 'work(0)')).toEqual([
    'Pod',
    'Failed',
    'Step exceeded its deadline',
  ]);
  expect(typePhaseMessage(ended, 'work')).toEqual([
    'Retry',
    'Failed',
    expect.stringMatching(/^retry exceeded workflow deadline \S+ \S+ \+0000 UTC$/),
  ]);
  expect(typePhaseMessage(ended, 'Ask')).toEqual([
    'Suspend',
    'Failed',
    'Step exceeded its deadline',
  ]);
  expect(ended.status?.message).toBeUndefined();
  expect(ended.status?.phase).toBe('Failed');
});

test('a run that was stopped before its start starts no step', async () => {
  createRun(root, endless());
  stop(root);
  const started: RunEvent[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.type === 'step-started') started.push(event);
  };
  const ended = await execute(root, shellOptions({ onEvent }));
  expect(started).toEqual([]);
  const stopped = "Stopped with strategy 'Stop'";
  const notStarted = 'workflow shutdown with strategy: Stop';
  expect(typePhaseMessage(ended, 'Ask')).toEqual(['Suspend', 'Failed', stopped]);
  expect(typePhaseMessage(ended, 'work(0)')).toEqual(['Pod', 'Failed', notStarted]);
  expect(typePhaseMessage(ended, 'work')).toEqual(['Retry', 'Failed', stopped]);
  expect(typePhaseMessage(ended, 'plain')).toEqual(['Pod', 'Failed', notStarted]);
  expect(ended.status).toMatchObject({ phase: 'Failed', message: stopped });
});

test('nodes have the same parents as in Argo: the last attempts of the tasks that they depend on', async () => {
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
  // A failed attempt counts as one that is not done.
  expect([ended.status?.progress, node(ended, 'a')?.progress]).toEqual(['3/4', '2/3']);
  for (const { finishedAt } of Object.values(ended.status?.nodes ?? {})) {
    expect(finishedAt).toEqual(expect.any(String));
  }
});

test('the exit handler receives the failures, and is repeated by a retry', async () => {
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

test('one newline at the end of an output is removed', async () => {
  const say = script(
    'say',
    'mkdir -p "$AGENTTEAM_ROOT/tmp/outputs"; printf "a\\n\\n" > "$AGENTTEAM_ROOT/tmp/outputs/x"',
  );
  say.outputs = { parameters: [{ name: 'x', valueFrom: { path: '/tmp/outputs/x', default: '' } }] };
  const ended = await run(workflow([task('a', 'say')], [say]));
  expect(node(ended, 'a')?.outputs?.parameters?.[0]?.value).toBe('a\n');
});
