import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import {
  answerTo,
  createRun,
  decide,
  execute,
  type RunEvent,
  retry,
  runDirectory,
} from '../../src/index.ts';
import { shellOptions } from '../support/shell-options.ts';
import { nodeOf, phases, testEngine } from '../support/test-engine.ts';
import { gate, script, task, workflow } from '../workflows.ts';

const DECIDE = join(import.meta.dirname, '../support/decide-process.ts');

const engine = testEngine();

describe('gates', () => {
  const gated = () =>
    workflow(
      [
        task('Ask', 'ask'),
        { ...task('b', 'ok', 'Ask'), when: '{{tasks.Ask.outputs.parameters.decision}} == approve' },
        task('c', 'ok', 'b.Succeeded'),
      ],
      [gate('ask'), script('ok', 'true')],
    );

  test.each([
    ['approve', { b: 'Succeeded', c: 'Succeeded' }],
    ['reject', { b: 'Skipped', c: 'Omitted' }],
  ] as const)('%s', async (decision, expected) => {
    const answer = (event: RunEvent) => {
      if (event.type === 'gate-opened') {
        decide(engine.root(), event.step, decision, { by: 'ann', reason: 'seen' });
      }
    };
    const ended = await engine.run(gated(), { onEvent: answer });
    expect(phases(ended)).toMatchObject({ Ask: 'Succeeded', ...expected });
    expect(ended.status?.phase).toBe('Succeeded');
    const given = nodeOf(ended, 'Ask')?.outputs?.parameters?.map(({ name, value }) => [
      name,
      value,
    ]);
    expect(given).toEqual([
      ['decision', decision],
      ['decided-by', 'ann'],
      ['reason', 'seen'],
    ]);
  });

  test.each([
    ['what only the controller has', 'Succeeded'],
    ['', 'Skipped'],
    ["' == '' || true", 'Skipped'],
  ])('that require a proof open with the right one only: %j', async (proof, phase) => {
    const root = engine.root();
    const hash = createHash('sha256').update('what only the controller has').digest('hex');
    const when = `{{=sprig.sha256sum(tasks['Ask']?.outputs?.parameters?.proof ?? '') == '${hash}'}}`;
    const { outputs, ...asking } = gate('ask');
    const supplied = { name: 'proof', valueFrom: { supplied: {}, default: '' } };
    const parameters = [...(outputs?.parameters ?? []), supplied];
    createRun(
      root,
      workflow(
        [task('Ask', 'ask'), { ...task('b', 'b', 'Ask'), when }],
        [{ ...asking, outputs: { parameters } }, script('b', 'true')],
      ),
    );
    decide(root, 'Ask', 'approve', { by: 'ann', proof });
    expect(phases(await execute(root, shellOptions()))).toMatchObject({
      Ask: 'Succeeded',
      b: phase,
    });
  });

  test('accept an answer from before they opened', async () => {
    const root = engine.root();
    createRun(root, gated());
    decide(root, 'Ask', 'reject', { by: 'ann' });
    expect(phases(await execute(root, shellOptions()))).toMatchObject({ b: 'Skipped' });
  });

  test('accept such an answer even if they open only in a retry', async () => {
    const root = engine.root();
    const picky = script('picky', '[ -e "$AGENTTEAM_ROOT/data/fixed" ]');
    createRun(root, workflow([task('a', 'picky'), task('Ask', 'ask', 'a')], [gate('ask'), picky]));
    decide(root, 'Ask', 'reject', { by: 'ann' });
    expect(phases(await execute(root, shellOptions()))).toMatchObject({ Ask: 'Omitted' });
    writeFileSync(join(engine.volume(), 'fixed'), '');
    retry(root);
    const ended = await execute(root, shellOptions());
    expect(nodeOf(ended, 'Ask')?.outputs?.parameters?.[0]?.value).toBe('reject');
  });

  test('end after their duration with their default outputs', async () => {
    const limited = { ...gate('ask'), suspend: { duration: '1s' } };
    const decided: RunEvent[] = [];
    const onEvent = (event: RunEvent) => {
      if (event.type === 'gate-decided') decided.push(event);
    };
    const ended = await engine.run(workflow([task('Ask', 'ask')], [limited]), { onEvent });
    expect(decided).toMatchObject([{ step: 'Ask', decision: 'timeout' }]);
    expect(nodeOf(ended, 'Ask')).toMatchObject({ phase: 'Succeeded' });
    const [given] = nodeOf(ended, 'Ask')?.outputs?.parameters ?? [];
    expect(given?.value).toBe(limited.outputs?.parameters?.[0]?.valueFrom?.default);
  });

  test('are identified by name and answered once', async () => {
    const root = engine.root();
    createRun(root, gated());
    expect(() => decide(root, 'b', 'approve', { by: 'ann' })).toThrow('its gates are Ask');
    decide(root, 'Ask', 'reject', { by: 'ann', reason: 'too early' });
    const again = () => decide(root, 'Ask', 'approve', { by: 'bob' });
    const message = /^it was already rejected by ann at \d{4}-.*Z \(too early\)$/;
    // Before an engine has seen the first answer, and after.
    expect(again).toThrow(message);
    await execute(root, shellOptions());
    expect(again).toThrow(message);
  });

  test('that have timed out refuse later answers and say why', async () => {
    const root = engine.root();
    const limited = { ...gate('ask'), suspend: { duration: '1s' } };
    createRun(root, workflow([task('Ask', 'ask')], [limited]));
    await execute(root, shellOptions());
    expect(() => decide(root, 'Ask', 'approve', { by: 'ann' })).toThrow('nobody answered in time');
  });

  test('accept exactly one of many simultaneous answers, and the others fail', async () => {
    const root = engine.root();
    createRun(root, gated());
    const running = execute(root, shellOptions());
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const decision = index % 2 === 0 ? 'approve' : 'reject';
        const { exitCode } = await execa(
          process.execPath,
          ['--conditions=source', DECIDE, root, 'Ask', decision, `person-${index}`],
          { reject: false },
        );
        return { by: `person-${index}`, decision, counts: exitCode === 0 };
      }),
    );
    const [winner, ...others] = answers.filter(({ counts }) => counts);
    expect(others).toEqual([]);
    const given = nodeOf(await running, 'Ask')?.outputs?.parameters?.map(({ value }) => value);
    expect(given?.slice(0, 2)).toEqual([winner?.decision, winner?.by]);
  });

  describe('of a run that somebody else made', () => {
    const foreign = () => {
      const root = engine.root();
      createRun(root, gated());
      const commands = join(root, 'commands');
      mkdirSync(commands);
      return { root, file: join(commands, 'Ask.gate') };
    };
    const answer = { decision: 'approve', by: 'ann', reason: '', at: '2026-11-30T10:00:00.000Z' };

    test.each(['Ask.gate', '../workflow.json'])('wait for no pipe: %s', async (name) => {
      const { root } = foreign();
      await execa('rm', ['-f', name], { cwd: join(root, 'commands') });
      await execa('mkfifo', [name], { cwd: join(root, 'commands') });
      const { stderr } = await execa(
        process.execPath,
        ['--conditions=source', DECIDE, root, 'Ask', 'approve', 'ann'],
        { reject: false, timeout: 30_000 },
      );
      expect(stderr).toMatch(/the gate is already closed|is not a plain file/);
    });

    test.each(['Ask.gate', '../workflow.json'])('read no file without an end: %s', (name) => {
      const { root } = foreign();
      const path = join(root, 'commands', name);
      writeFileSync(path, '');
      truncateSync(path, 2 ** 33);
      expect(() => decide(root, 'Ask', 'approve', { by: 'ann' })).toThrow(
        /the gate is already closed|is larger than 64 MiB/,
      );
    });

    test('are read through no link', () => {
      const { root, file } = foreign();
      writeFileSync(join(root, 'elsewhere'), JSON.stringify(answer));
      symlinkSync(join(root, 'elsewhere'), file);
      expect(answerTo(runDirectory(root), 'Ask')).toBeUndefined();
    });

    test.each([
      ['[]'],
      [JSON.stringify({ ...answer, by: { name: 'ann' } })],
      [JSON.stringify({ ...answer, decision: 'maybe' })],
      [JSON.stringify({ ...answer, at: 'yesterday' })],
      [`{"by":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ])('are answered by no other JSON', (text) => {
      const { root, file } = foreign();
      writeFileSync(file, text);
      expect(answerTo(runDirectory(root), 'Ask')).toBeUndefined();
    });
  });
});
