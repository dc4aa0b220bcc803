import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARGO_MESSAGES } from '@agentteam/argo';
import { describe, expect, test } from '@jest/globals';
import {
  createRun,
  execute,
  type RunEvent,
  retry,
  stop,
  UnsupportedError,
} from '../../src/index.ts';
import { shellOptions } from '../support/shell-options.ts';
import { nodeOf, phases, testEngine } from '../support/test-engine.ts';
import { atExit, gate, script, task, workflow } from '../workflows.ts';

const engine = testEngine();

describe('a run that is ended from outside', () => {
  test('a deadline ends running and waiting steps, and the exit handler still runs', async () => {
    const spec = workflow(
      [task('a', 'long'), task('Ask', 'ask')],
      [
        script('long', 'sleep 600'),
        gate('ask'),
        script('bye', 'echo "$0" > "$AGENTTEAM_ROOT/data/log"'),
      ],
    );
    spec.spec.templates?.at(-1)?.container?.args?.push('{{workflow.status}}');
    const limited = { ...spec, spec: { ...spec.spec, activeDeadlineSeconds: 1 } };
    const ended = await engine.run(atExit(limited, 'bye'));
    expect(phases(ended)).toMatchObject({
      ...{ a: 'Failed', Ask: 'Failed', Bye: 'Succeeded', 'test.onExit': 'Succeeded' },
    });
    expect(nodeOf(ended, 'a')?.message).toBe(ARGO_MESSAGES.deadline);
    expect(ended.status).toMatchObject({ phase: 'Failed' });
    expect(readFileSync(join(engine.volume(), 'log'), 'utf8')).toBe('Failed\n');
  });

  test('a stop is named with its strategy, and the exit handler starts after all pods have ended', async () => {
    const leaving = 'sleep 0.3; echo left >> "$AGENTTEAM_ROOT/data/log"; exit 1';
    const long = `trap '${leaving}' TERM; echo 1/2 > "$ARGO_PROGRESS_FILE"; while :; do sleep 0.05; done`;
    const bye = script('bye', 'echo bye >> "$AGENTTEAM_ROOT/data/log"');
    const spec = atExit(workflow([task('a', 'long')], [script('long', long), bye]), 'bye');
    const onEvent = (event: RunEvent) => {
      if (event.type === 'progress') stop(engine.root());
    };
    const ended = await engine.run(spec, { onEvent });
    expect(ended.status).toMatchObject({
      phase: 'Failed',
      message: "Stopped with strategy 'Stop'",
    });
    expect(readFileSync(join(engine.volume(), 'log'), 'utf8')).toBe('left\nbye\n');
  });

  test.each([
    ['before its pod has begun', 'step-started', 'Pending'],
    ['while its pod runs', 'progress', 'Running'],
  ])(
    'a run that is aborted at a step %s keeps its state and can be resumed',
    async (_, type, phase) => {
      const abort = new AbortController();
      const wait =
        'echo 1/2 > "$ARGO_PROGRESS_FILE"; while [ ! -e "$AGENTTEAM_ROOT/data/go" ]; do sleep 0.05; done';
      const spec = workflow(
        [task('a', 'once'), task('b', 'wait', 'a')],
        [script('once', 'echo a >> "$AGENTTEAM_ROOT/data/log"'), script('wait', wait)],
      );
      const onEvent = (event: RunEvent) => {
        if (event.type === type && 'step' in event && event.step === 'b') abort.abort();
      };
      const aborted = await engine.run(spec, { signal: abort.signal, onEvent });
      expect(phases(aborted)).toMatchObject({ a: 'Succeeded', b: phase });
      const go = execute(engine.root(), shellOptions());
      writeFileSync(join(engine.volume(), 'go'), '');
      expect(phases(await go)).toMatchObject({ a: 'Succeeded', b: 'Succeeded' });
      expect(readFileSync(join(engine.volume(), 'log'), 'utf8')).toBe('a\n');
    },
  );
});

test('an unsupported Workflow is refused with the names of its parts, and nothing is written', () => {
  const spec = workflow([task('a', 'ok')], [script('ok', 'true')]);
  const root = engine.root();
  const create = () => createRun(root, { ...spec, spec: { ...spec.spec, parallelism: 2 } });
  expect(create).toThrow(UnsupportedError);
  expect(create).toThrow('spec.parallelism');
  expect(existsSync(root)).toBe(false);
});

test('of the patches of a pod, only its runtime class is ignored', () => {
  const [template] = [script('ok', 'true')];
  const patched = (patch: object) =>
    workflow([task('a', 'ok')], [{ ...template, podSpecPatch: JSON.stringify(patch) }]);
  createRun(engine.root(), patched({ runtimeClassName: 'gvisor' }));
  const other = patched({ runtimeClassName: 'gvisor', containers: [] });
  expect(() => createRun(engine.root(), other)).toThrow(
    'spec.templates[ok].podSpecPatch: only runtimeClassName is supported',
  );
});

test('a run is created once, and can be retried only after it has failed', async () => {
  const root = engine.root();
  const spec = workflow([task('a', 'ok')], [script('ok', 'true')]);
  createRun(root, spec);
  expect(() => createRun(root, spec)).toThrow('already contains a run');
  expect(() => retry(root)).toThrow('the run has not ended');
  await execute(root, shellOptions());
  expect(() => retry(root)).toThrow('no step needs to be repeated');
  const more = { ...spec, spec: { ...spec.spec, parallelism: 2 } };
  expect(() => retry(root, more)).toThrow(UnsupportedError);
});

test('a retry repeats failed steps and steps that ran because of the failure, and keeps the others', async () => {
  const spec = workflow(
    [
      task('a', 'once'),
      task('b', 'picky', 'a'),
      task('c', 'once', 'b'),
      task('cleanup', 'once', 'b.Failed'),
    ],
    [
      script('once', 'echo x >> "$AGENTTEAM_ROOT/data/log"'),
      script('picky', '[ -e "$AGENTTEAM_ROOT/data/fixed" ]'),
    ],
  );
  const failed = await engine.run(spec);
  expect(phases(failed)).toMatchObject({
    a: 'Succeeded',
    b: 'Failed',
    c: 'Omitted',
    cleanup: 'Succeeded',
  });
  writeFileSync(join(engine.volume(), 'fixed'), '');
  // This stop comes too late for the execution that has ended, and must not affect the next one.
  stop(engine.root());
  retry(engine.root());
  const started: string[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.type === 'step-started') started.push(event.step);
  };
  const ended = await execute(engine.root(), shellOptions({ onEvent }));
  expect(started).toEqual(['b', 'c']);
  expect(phases(ended)).toMatchObject({
    test: 'Succeeded',
    a: 'Succeeded',
    b: 'Succeeded',
    c: 'Succeeded',
    cleanup: 'Omitted',
  });
  expect(readFileSync(join(engine.volume(), 'log'), 'utf8')).toBe('x\nx\nx\n');
});
