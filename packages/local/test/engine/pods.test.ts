import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { RunEvent } from '../../src/index.ts';
import { nodeOf, testEngine } from '../support/test-engine.ts';
import { script, task, workflow } from '../workflows.ts';

const engine = testEngine();

test('the progress that an agent reports is the progress of its step', async () => {
  const busy = script(
    'busy',
    'echo 1/3 > "$ARGO_PROGRESS_FILE"; while [ ! -e "$AGENTTEAM_ROOT/data/seen" ]; do sleep 0.02; done; exit 1',
  );
  const progress: RunEvent[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.type !== 'progress') return;
    progress.push(event);
    writeFileSync(join(engine.volume(), 'seen'), '');
  };
  const ended = await engine.run(workflow([task('a', 'busy')], [busy]), { onEvent });
  expect(progress).toMatchObject([{ step: 'a', progress: '1/3' }]);
  expect([ended.status?.progress, nodeOf(ended, 'a')?.progress]).toEqual(['1/3', '1/3']);
});

test('secrets are visible only to the container that mounts them, and are removed with its pod', async () => {
  const reader = script(
    'r',
    'cat "$AGENTTEAM_ROOT/secret/key" > "$AGENTTEAM_ROOT/data/log"; env >> "$AGENTTEAM_ROOT/data/env"',
  );
  reader.volumes?.push({ name: 's', secret: { secretName: 'api' } });
  reader.container?.volumeMounts?.push({ name: 's', mountPath: '/secret', readOnly: true });
  const ended = await engine.run(workflow([task('a', 'r')], [reader]), {
    secrets: { api: { key: 'hush-hush' } },
  });
  expect(ended.status?.phase).toBe('Succeeded');
  expect(readFileSync(join(engine.volume(), 'log'), 'utf8')).toBe('hush-hush');
  expect(readFileSync(join(engine.volume(), 'env'), 'utf8')).not.toContain(
    process.env['HOME'] || '/nowhere',
  );
  rmSync(join(engine.volume(), 'log'));
  const left = readdirSync(engine.root(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .filter((entry) =>
      readFileSync(join(entry.parentPath, entry.name), 'utf8').includes('hush-hush'),
    );
  expect(left).toEqual([]);
});

test('a running container sees the new values of a secret that people replace', async () => {
  const reader = script(
    'r',
    [
      'cd "$AGENTTEAM_ROOT/secret"; cat key old > "$AGENTTEAM_ROOT/data/first"',
      'until [ "$(cat key)" = second ] && [ -e new ] && [ ! -e old ]; do sleep 0.05; done',
      'ls -A > "$AGENTTEAM_ROOT/data/names"',
    ].join('; '),
  );
  reader.volumes?.push({ name: 's', secret: { secretName: 'api' } });
  reader.container?.volumeMounts?.push({ name: 's', mountPath: '/secret', readOnly: true });
  const first = join(engine.volume(), 'first');
  const values = () =>
    existsSync(first) ? { key: 'second', new: 'n' } : { key: 'first', old: 'o' };
  const ended = await engine.run(workflow([task('a', 'r')], [reader]), {
    secrets: { api: values },
  });
  expect(ended.status?.phase).toBe('Succeeded');
  expect(readFileSync(first, 'utf8')).toBe('firsto');
  const names = readFileSync(join(engine.volume(), 'names'), 'utf8').split('\n');
  expect(names).toEqual(expect.arrayContaining(['..data', 'key', 'new']));
});
