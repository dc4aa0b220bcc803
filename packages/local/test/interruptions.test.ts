import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workflow } from '@agentteam/argo';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createRun, execute, loadWorkflow, runDirectory } from '../src/index.ts';
import { shellOptions } from './support/shell-options.ts';
import { gate, script, task, workflow } from './workflows.ts';

// These tests need real time: a run with a limit of 4 s is interrupted for longer than that.
const LIMIT_S = 4;
const PAUSE_MS = 5_500;

let directory: string;
let root: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentteam interruptions '));
  root = join(directory, 'run');
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A Workflow with a step that takes a second. */
function limited(): Workflow {
  const spec = workflow([task('a', 'a')], [script('a', 'sleep 1')]);
  return { ...spec, spec: { ...spec.spec, activeDeadlineSeconds: LIMIT_S } };
}

function engine(): ChildProcess {
  const program = join(import.meta.dirname, 'support/engine-process.ts');
  return spawn(process.execPath, ['--conditions=source', program, root], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function stepStarted(): Promise<void> {
  while (!events().includes('step-started')) await delay(20);
}

function events(): string {
  try {
    return readFileSync(join(root, 'events.jsonl'), 'utf8');
  } catch {
    return '';
  }
}

const phase = () => loadWorkflow(runDirectory(root)).status?.phase;

test('time without an engine does not count towards the deadline', async () => {
  createRun(root, limited());
  const stop = new AbortController();
  const first = execute(root, shellOptions({ signal: stop.signal }));
  await stepStarted();
  stop.abort();
  expect((await first).status?.finishedAt).toBeUndefined();
  await delay(PAUSE_MS);
  expect((await execute(root, shellOptions())).status?.phase).toBe('Succeeded');
});

test('time after an engine was killed does not count towards the deadline', async () => {
  createRun(root, limited());
  const first = engine();
  await stepStarted();
  const ended = once(first, 'exit');
  first.kill('SIGKILL');
  await ended;
  await delay(PAUSE_MS);
  expect((await execute(root, shellOptions())).status?.phase).toBe('Succeeded');
});

test('time in which the engine was stopped, as on a sleeping machine, does not count towards the deadline', async () => {
  const spec = workflow(
    [task('a', 'a'), task('b', 'b', 'a')],
    [script('a', 'sleep 1'), script('b', 'sleep 1')],
  );
  createRun(root, { ...spec, spec: { ...spec.spec, activeDeadlineSeconds: 10 } });
  const one = engine();
  await stepStarted();
  const ended = once(one, 'exit');
  one.kill('SIGSTOP');
  await delay(12_000);
  one.kill('SIGCONT');
  await ended;
  expect(phase()).toBe('Succeeded');
});

test('interruptions do not count towards the duration of a gate', async () => {
  const ask = { ...gate('ask'), suspend: { duration: `${LIMIT_S}s` } };
  createRun(root, workflow([task('Ask', 'ask')], [ask]));
  const stop = new AbortController();
  const onEvent = ({ type }: { type: string }) => {
    if (type === 'gate-opened') stop.abort();
  };
  await execute(root, shellOptions({ signal: stop.signal, onEvent }));
  await delay(PAUSE_MS);
  const startedAt = Date.now();
  await execute(root, shellOptions());
  expect(Date.now() - startedAt).toBeGreaterThan((LIMIT_S - 1) * 1000);
  expect(events()).toContain('"decision":"timeout"');
});

test('a resumed run still ends at its deadline', async () => {
  const spec = workflow([task('a', 'a')], [script('a', 'sleep 600')]);
  createRun(root, { ...spec, spec: { ...spec.spec, activeDeadlineSeconds: 2 } });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 1500);
  await execute(root, shellOptions({ signal: stop.signal }));
  const startedAt = Date.now();
  expect((await execute(root, shellOptions())).status?.phase).toBe('Failed');
  expect(Date.now() - startedAt).toBeLessThan(2_000);
});
