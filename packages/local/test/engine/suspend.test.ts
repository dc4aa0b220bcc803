import { waitInDirectory } from '@agentteam/volume';
import { afterEach, expect, jest, test } from '@jest/globals';
import { RunClock } from '../../src/engine/run-clock.ts';
import {
  createRun,
  execute,
  loadWorkflow,
  type RunEvent,
  runDirectory,
  stop,
  suspend,
} from '../../src/index.ts';
import { shellOptions } from '../support/shell-options.ts';
import { phases, testEngine } from '../support/test-engine.ts';
import { atExit, script, task, workflow } from '../workflows.ts';

const engine = testEngine();
const suspended = () => loadWorkflow(runDirectory(engine.root())).spec.suspend;
const spec = () => workflow([task('a', 'work')], [script('work', 'true')]);
afterEach(() => {
  jest.useRealTimers();
});

test('no step begins while a run is suspended', async () => {
  createRun(engine.root(), spec());
  suspend(engine.root(), true);
  const whenStarted: unknown[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.type === 'step-started') whenStarted.push(suspended());
  };
  const execution = execute(engine.root(), shellOptions({ onEvent }));
  const isApplied = async () => suspended() || undefined;
  await waitInDirectory(engine.root(), isApplied, { signal: AbortSignal.timeout(60_000) });
  suspend(engine.root(), false);
  const ended = await execution;
  expect(whenStarted).toEqual([undefined]);
  expect(phases(ended)).toMatchObject({ a: 'Succeeded' });
});

test.each([
  [
    'a suspended run can be stopped',
    [() => suspend(engine.root(), true), () => stop(engine.root())],
  ],
  [
    'a stopped run is not suspended',
    [() => stop(engine.root()), () => suspend(engine.root(), true)],
  ],
] as const)('%s, and its exit handler runs', async (_, commands) => {
  const bye = script('bye', 'true');
  const { spec: given, ...rest } = spec();
  const both = atExit({ ...rest, spec: given }, 'bye');
  const withBye = {
    ...both,
    spec: { ...both.spec, templates: [...(both.spec.templates ?? []), bye] },
  };
  createRun(engine.root(), withBye);
  for (const command of commands) command();
  const ended = await execute(engine.root(), shellOptions({}));
  expect(phases(ended)).toMatchObject({ a: 'Failed', Bye: 'Succeeded' });
  expect(suspended()).toBeUndefined();
});

test('the clock of a run leaves out the time in which it is suspended, also after a restart', () => {
  jest.useFakeTimers({ now: 1_000_000 });
  createRun(engine.root(), spec());
  const clock = RunClock.open(runDirectory(engine.root()));
  jest.advanceTimersByTime(1_000);
  clock.tick();
  for (let tick = 0; tick < 100; tick += 1) {
    jest.advanceTimersByTime(1_000);
    clock.tick(true);
  }
  jest.advanceTimersByTime(1_000);
  clock.tick();
  expect(clock.elapsedSince(1_000_000)).toBe(2_000);
  clock.save();
  jest.advanceTimersByTime(60_000);
  expect(RunClock.open(runDirectory(engine.root())).elapsedSince(1_000_000)).toBe(2_000);
});
