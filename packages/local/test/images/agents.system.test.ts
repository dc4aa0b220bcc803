import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EnvVar, Template } from '@agentteam/argo';
import { RUNTIME } from '@agentteam/contract';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRun, execute, MissingSourceError } from '../../src/index.ts';
import { busyboxRoot, type TestPodman, testPodman } from '../support/images.ts';
import { shellOptions } from '../support/shell-options.ts';
import { nodeOf, testEngine } from '../support/test-engine.ts';
import { script, task, workflow } from '../workflows.ts';

const IMAGE = 'localhost/agent:test';
const [PROGRAM] = RUNTIME.runner;
let podman: TestPodman;
beforeAll(() => {
  podman = testPodman();
  const root = mkdtempSync(join(tmpdir(), 'root-'));
  busyboxRoot(root);
  // A shell takes the place of the runtime, whose own tests need it.
  mkdirSync(join(root, PROGRAM, '..'), { recursive: true });
  writeFileSync(join(root, PROGRAM), '#!/bin/sh\nexec /bin/sh -c "$@"\n', { mode: 0o755 });
  podman.makeImage(IMAGE, root);
  rmSync(root, { recursive: true });
});
afterAll(() => podman.close());
const engine = testEngine();

/** A step whose script runs in the image. */
function step(name: string, text: string, env: readonly EnvVar[] = []): Template {
  const template = script(name, text);
  const container = { ...template.container, image: IMAGE, command: [PROGRAM], env: [...env] };
  return { ...template, container };
}

const PLAN = [{ name: 'AGENTTEAM_SPEC', value: 'a plan for the team alone' }];

const options = () => ({
  imageEngine: podman,
  sandboxed: (_template: string, container: string) => container === 'main',
  env: () => ({ OF_THE_ENGINE: 'a b' }),
});

/** The command lines of all processes, which every user of the machine can read. */
function commandLines(): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return processes.flatMap((id) => {
    try {
      return [readFileSync(`/proc/${id}/cmdline`, 'utf8')];
    } catch {
      return [];
    }
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(50);
}

test('an agent in an image writes to its volumes and nothing else, and explains its failure', async () => {
  const text = [
    'echo "$OF_THE_ENGINE" > /data/seen; id -u >> /data/seen',
    '(touch /new) 2>> /data/seen; (touch /run/new) 2>> /data/seen; touch /tmp/new',
    'grep -c : /proc/net/dev >> /data/seen',
    'printf "no shell" > /dev/termination-log; exit 64',
  ].join('\n');
  const result = await engine.run(workflow([task('a', 'a')], [step('a', text)]), options());
  expect(nodeOf(result, 'a')?.message).toBe('main: Error (exit code 64): no shell');
  expect(readFileSync(join(engine.volume(), 'seen'), 'utf8').trim().split('\n')).toEqual([
    'a b',
    '1000',
    'touch: /new: Read-only file system',
    'touch: /run/new: Read-only file system',
    '1',
  ]);
  expect(podman.call('ps', '--all', '--quiet')).toBe('');
});

test('an agent in an image receives SIGTERM when the engine stops, and its spec is in no command line', async () => {
  const text =
    'trap "echo saved > /data/saved; exit 1" TERM; echo "$AGENTTEAM_SPEC" > /data/spec; touch /data/begun; while :; do sleep 0.1; done';
  createRun(engine.root(), workflow([task('a', 'a')], [step('a', text, PLAN)]));
  const stop = new AbortController();
  const running = execute(engine.root(), shellOptions({ ...options(), signal: stop.signal }));
  await until(() => existsSync(join(engine.volume(), 'begun')));
  expect(readFileSync(join(engine.volume(), 'spec'), 'utf8')).toContain('a plan');
  expect(commandLines().filter((line) => line.includes('a plan'))).toEqual([]);
  stop.abort();
  await running;
  expect(readFileSync(join(engine.volume(), 'saved'), 'utf8')).toBe('saved\n');
  expect(podman.call('ps', '--all', '--quiet')).toBe('');
});

const engineProcess = fileURLToPath(new URL('engine-process.ts', import.meta.url));

test('an agent in an image ends with a killed engine, and the run can be resumed', async () => {
  const text = '[ -e /data/begun ] && exit 0; touch /data/begun; sleep 600';
  createRun(engine.root(), workflow([task('a', 'a')], [step('a', text)]));
  const first = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', engineProcess, engine.root()],
    { env: podman.env, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await until(() => existsSync(join(engine.volume(), 'begun')));
  expect(podman.call('ps', '--quiet')).not.toBe('');
  first.kill('SIGKILL');
  await until(() => podman.call('ps', '--all', '--quiet') === '');
  const { status } = await execute(engine.root(), shellOptions(options()));
  expect(status?.phase).toBe('Succeeded');
});

test('without podman, nothing starts', async () => {
  const running = engine.run(workflow([task('a', 'a')], [step('a', 'true')]), {
    sandboxed: () => true,
  });
  await expect(running).rejects.toThrow(
    new MissingSourceError('podman or docker is needed for the container main'),
  );
});
