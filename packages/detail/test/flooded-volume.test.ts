import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inboxFile, LIMITS, taskDirectory, volumeDirectories } from '@agentteam/volume';
import { expect, test } from '@jest/globals';
import { temporaryDirectory } from '../../volume/test/temporary.ts';
import { VolumeReader } from '../src/index.ts';

/** What the page takes of one answer of a pod. */
const MOST_BYTES = 48 * 2 ** 20;

test('what one agent writes into tasks and inboxes leaves the answer of a pod within its limit', async () => {
  const volume = await temporaryDirectory();
  const { teams, tasks } = volumeDirectories(volume);
  const native = { team: 'crew', teams, tasks };
  const members = ['team-lead', 'a', 'b', 'c', 'd'].map((name) => ({
    ...{ name, step: name, role: 'teammate' as const, model: 'haiku', attempts: [] },
  }));
  await mkdir(taskDirectory(native), { recursive: true });
  await mkdir(join(teams, 'crew', 'inboxes'), { recursive: true });
  // A byte that is not UTF-8 becomes a character of three bytes.
  const flood = Buffer.alloc(LIMITS.taskBytes - 200, 0xff);
  for (let id = 1; id <= 16; id += 1) {
    const head = `{"id":"${id}","subject":"s","status":"pending","blocks":[],"blockedBy":[],"description":"`;
    const task = Buffer.concat([Buffer.from(head), flood, Buffer.from('"}')]);
    await writeFile(join(taskDirectory(native), `${id}.json`), task);
  }
  const long = '一'.repeat(1000);
  for (const { name } of members) {
    const mail = Array.from({ length: 1_300 }, (_, index) => {
      return { from: long, text: 'x', timestamp: long, read: false, msg_id: `${name}-${index}` };
    });
    await writeFile(inboxFile(native, name), JSON.stringify(mail));
  }
  const head = { interrupted: false };
  const source = { workflow: 'crew', members, head, volume, live: undefined };
  const reading = await new VolumeReader().read(source);
  expect(reading.tasks).toHaveLength(16);
  expect(reading.mail?.messages.length).toBeGreaterThan(1_000);
  expect(Buffer.byteLength(JSON.stringify(reading))).toBeLessThan(MOST_BYTES / 2);
});
