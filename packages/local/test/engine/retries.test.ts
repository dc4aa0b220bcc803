import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARGO_MESSAGES } from '@agentteam/argo';
import { waitInDirectory } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { execute, stop } from '../../src/index.ts';
import { shellOptions } from '../support/shell-options.ts';
import { nodeOf, phases, testEngine } from '../support/test-engine.ts';
import { script, task, workflow } from '../workflows.ts';

const engine = testEngine();

describe('retries', () => {
  const counted =
    'echo "$0" >> "$AGENTTEAM_ROOT/data/log"; [ "$(wc -l < "$AGENTTEAM_ROOT/data/log")" -ge 3 ] || exit';

  test('repeat a step until it succeeds, and pass the number of the attempt', async () => {
    const template = script('flaky', `${counted} 1`);
    template.container?.args?.push('{{retries}}');
    template.retryStrategy = {
      limit: '3',
      retryPolicy: 'Always',
      expression: '!(asInt(lastRetry.exitCode) in [64, 77])',
    };
    const ended = await engine.run(workflow([task('a', 'flaky')], [template]));
    expect(phases(ended)).toMatchObject({
      a: 'Succeeded',
      'a(0)': 'Failed',
      'a(1)': 'Failed',
      'a(2)': 'Succeeded',
    });
    expect(readFileSync(join(engine.volume(), 'log'), 'utf8')).toBe('0\n1\n2\n');
  });

  test.each([
    ['an exit code that the expression excludes', 77, '3', ARGO_MESSAGES.notRetried],
    ['the limit', 1, '1', ARGO_MESSAGES.noMoreRetries],
  ])('stop at %s', async (_, code, limit, message) => {
    const template = script('flaky', `${counted} ${code}`);
    template.retryStrategy = {
      limit,
      retryPolicy: 'Always',
      expression: '!(asInt(lastRetry.exitCode) in [64, 77])',
    };
    const ended = await engine.run(workflow([task('a', 'flaky')], [template]));
    expect(nodeOf(ended, 'a')).toMatchObject({
      phase: 'Failed',
      message,
      outputs: { exitCode: String(code) },
    });
  });
});

describe('a killed engine is followed by one that continues a retried step', () => {
  test.each([
    ['before its first attempt was recorded', 0, 'a(0)'],
    ['before the end of a failed attempt was recorded', 1, 'a(1)'],
    ['before its own end was recorded', 2, 'a(1)'],
  ])('%s', async (_, attempts, last) => {
    const flaky = script(
      'flaky',
      'echo x >> "$AGENTTEAM_ROOT/data/log"; [ "$(wc -l < "$AGENTTEAM_ROOT/data/log")" -gt 1 ]',
    );
    flaky.retryStrategy = { limit: '3', retryPolicy: 'Always' };
    const { status, ...whole } = await engine.run(workflow([task('a', 'flaky')], [flaky]));
    const nodes = Object.values(status?.nodes ?? {})
      .filter(({ name }) => Number(/\((\d+)\)$/.exec(name)?.[1] ?? -1) < attempts)
      .map((one) => {
        if (one.type === 'Pod') return one;
        const { finishedAt: _end, children = [], ...running } = one;
        const known = one.type === 'Retry' ? children.slice(0, attempts) : children;
        return { ...running, phase: 'Running', children: known };
      });
    const byId = Object.fromEntries(nodes.map((one) => [one.id, one]));
    const killed = { ...whole, status: { phase: 'Running', nodes: byId } };
    writeFileSync(join(engine.root(), 'workflow.json'), JSON.stringify(killed));
    const ended = await execute(engine.root(), shellOptions());
    expect(phases(ended)).toMatchObject({ test: 'Succeeded', a: 'Succeeded', [last]: 'Succeeded' });
    const names = Object.keys(phases(ended)).filter((name) => name.startsWith('a('));
    expect(names.at(-1)).toBe(last);
  });
});

describe('pauses between attempts', () => {
  const BACKOFF = { duration: '1s', factor: '2', cap: '2s' };

  test('grow up to their cap', async () => {
    const step = script('step', 'exit 1');
    step.retryStrategy = { limit: '3', retryPolicy: 'Always', backoff: BACKOFF };
    const ended = await engine.run(workflow([task('a', 'step')], [step]));
    const attempts = ['a(0)', 'a(1)', 'a(2)', 'a(3)'].map((name) => nodeOf(ended, name));
    const pauses = attempts.slice(1).map((attempt, index) => {
      return Date.parse(attempt?.startedAt ?? '') - Date.parse(attempts[index]?.finishedAt ?? '');
    });
    // Argo's times are whole seconds.
    expect(pauses).toEqual([1000, 2000, 2000]);
    expect(nodeOf(ended, 'a')).toMatchObject({
      phase: 'Failed',
      message: ARGO_MESSAGES.noMoreRetries,
    });
    expect(ARGO_MESSAGES.backoff(250)).toBe('Backoff for 4 minutes 10 seconds');
  });

  test('do not delay a final failure', async () => {
    const step = script('step', 'exit 68');
    step.retryStrategy = {
      limit: '3',
      retryPolicy: 'Always',
      expression: '!(asInt(lastRetry.exitCode) in [68])',
      backoff: { duration: '1h' },
    };
    const ended = await engine.run(workflow([task('a', 'step')], [step]));
    expect(nodeOf(ended, 'a')).toMatchObject({
      phase: 'Failed',
      message: ARGO_MESSAGES.notRetried,
    });
  });

  test('continue after an interruption, and end at the deadline of the run', async () => {
    const step = script('step', 'exit 1');
    step.retryStrategy = { limit: '3', retryPolicy: 'Always', backoff: { duration: '1h' } };
    const spec = workflow([task('a', 'step')], [step]);
    const stopped = new AbortController();
    const interrupted = await engine.run(spec, {
      signal: stopped.signal,
      onEvent: ({ type }) => {
        if (type === 'step-started') setImmediate(() => stopped.abort());
      },
    });
    expect(interrupted.status?.finishedAt).toBeUndefined();
    const root = engine.root();
    const running = execute(root, shellOptions());
    await waitForBackoff(root);
    stop(root);
    const ended = await running;
    expect(nodeOf(ended, 'a')).toMatchObject({ phase: 'Failed' });
    expect(nodeOf(ended, 'a(1)')).toBeUndefined();
  });
});

/** Resolves when the run is in a pause. */
async function waitForBackoff(root: string): Promise<void> {
  const file = join(root, 'workflow.json');
  const signal = AbortSignal.timeout(60_000);
  const pauses = async () =>
    readFileSync(file, 'utf8').includes(ARGO_MESSAGES.backoff(3600)) || undefined;
  await waitInDirectory(root, pauses, { signal });
}
