import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { UserContainer } from '@agentteam/argo';
import { describe, expect, test } from '@jest/globals';
import { createRun, execute, stop } from '../../src/index.ts';
import { shellOptions } from '../support/shell-options.ts';
import { nodeOf, phases, testEngine } from '../support/test-engine.ts';
import { script, task, workflow } from '../workflows.ts';

const engine = testEngine();

describe('init containers', () => {
  const before = (name: string, text: string): UserContainer => ({
    name,
    image: 'test',
    command: ['sh'],
    args: [text],
    volumeMounts: [{ name: 'team', mountPath: '/data' }],
  });
  const log = 'echo $0 >> "$AGENTTEAM_ROOT/data/log"';

  test('run in order, each until its end', async () => {
    const step = script('step', log.replace('$0', 'main'));
    step.initContainers = ['one', 'two'].map((name) => before(name, log.replace('$0', name)));
    const ended = await engine.run(workflow([task('a', 'step')], [step]));
    expect(readFileSync(join(engine.volume(), 'log'), 'utf8')).toBe('one\ntwo\nmain\n');
    expect(nodeOf(ended, 'a')).toMatchObject({ phase: 'Succeeded', outputs: { exitCode: '0' } });
  });

  test('prevent the start of the main container when they fail, and are retried together with it', async () => {
    const step = script('step', log.replace('$0', 'main'));
    const explain = 'echo no host > "$AGENTTEAM_ROOT/dev/termination-log"';
    const once = `[ -e "$AGENTTEAM_ROOT/data/tried" ] && exit; touch "$AGENTTEAM_ROOT/data/tried"; ${explain}; exit 3`;
    step.initContainers = [before('setup', once)];
    step.retryStrategy = { limit: '2', retryPolicy: 'Always' };
    const ended = await engine.run(workflow([task('a', 'step')], [step]));
    expect(nodeOf(ended, 'a(0)')).toMatchObject({
      phase: 'Failed',
      message: 'setup: Error (exit code 3): no host\n',
    });
    // A step has an exit code only if its main container has ended.
    expect(nodeOf(ended, 'a(0)')?.outputs?.exitCode).toBeUndefined();
    expect(phases(ended)).toMatchObject({ 'a(1)': 'Succeeded', a: 'Succeeded' });
    expect(readFileSync(join(engine.volume(), 'log'), 'utf8')).toBe('main\n');
  });

  test('are not retried when the expression excludes their failure', async () => {
    const step = script('step', 'true');
    step.initContainers = [before('setup', 'exit 68')];
    step.retryStrategy = {
      limit: '2',
      retryPolicy: 'Always',
      expression:
        '!(asInt(lastRetry.exitCode) in [64]) && !sprig.regexMatch("^setup: Error [(]exit code (64|68)[)]", lastRetry.message)',
    };
    const ended = await engine.run(workflow([task('a', 'step')], [step]));
    expect(phases(ended)).toMatchObject({ a: 'Failed', 'a(0)': 'Failed' });
    expect(phases(ended)).not.toHaveProperty('a(1)');
  });

  test('leave neither secrets nor processes behind for later containers', async () => {
    const look = [
      'cd "$AGENTTEAM_ROOT/data"',
      'ls "$AGENTTEAM_ROOT/../secrets" > secrets 2>&1',
      // The environment of a zombie is empty.
      'grep -saF AGENTTEAM_ROOT "/proc/$(cat pid)/environ" > left',
      'true',
    ].join('; ');
    const step = script('step', look);
    step.volumes?.push({ name: 's', secret: { secretName: 'git' } });
    const setup = before(
      'setup',
      'cat "$AGENTTEAM_ROOT/secret/token" > "$AGENTTEAM_ROOT/data/token"; sleep 617 & echo $! > "$AGENTTEAM_ROOT/data/pid"',
    );
    setup.volumeMounts?.push({ name: 's', mountPath: '/secret', readOnly: true });
    step.initContainers = [setup];
    const ended = await engine.run(workflow([task('a', 'step')], [step]), {
      secrets: { git: { token: 'hush' } },
    });
    expect(ended.status?.phase).toBe('Succeeded');
    const left = (name: string) => readFileSync(join(engine.volume(), name), 'utf8');
    expect([left('token'), left('left')]).toEqual(['hush', '']);
    expect(left('secrets')).not.toMatch(/^s$/m);
  });

  test('end when the run is stopped, and no other container starts', async () => {
    const step = script('step', log.replace('$0', 'main'));
    step.initContainers = [
      before(
        'setup',
        'trap "exit 0" TERM; touch "$AGENTTEAM_ROOT/data/up"; while :; do sleep 0.05; done',
      ),
    ];
    const root = engine.root();
    createRun(root, workflow([task('a', 'step')], [step]));
    mkdirSync(engine.volume(), { recursive: true });
    const up = watch(engine.volume());
    const running = execute(root, shellOptions());
    await once(up, 'change');
    up.close();
    stop(root);
    const ended = await running;
    expect(phases(ended)).toMatchObject({ a: 'Failed' });
    expect(existsSync(join(engine.volume(), 'log'))).toBe(false);
  });
});
