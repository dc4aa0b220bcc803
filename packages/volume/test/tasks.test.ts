import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import {
  countTasks,
  createTask,
  listTasks,
  readTask,
  taskDirectory,
  updateTask,
} from '../src/index.ts';
import { temporaryTeam } from './temporary.ts';

test('a task is stored as Claude Code writes it, with the tasks that it blocks', async () => {
  const at = await temporaryTeam();
  await createTask(at, { subject: 'Build', description: 'd', owner: 'a', activeForm: 'Building' });
  await createTask(at, { subject: 'Test', description: 'd', blockedBy: ['1'] });
  expect(await readFile(`${taskDirectory(at)}/1.json`, 'utf8')).toBe(
    [
      '{',
      '  "id": "1",',
      '  "subject": "Build",',
      '  "description": "d",',
      '  "activeForm": "Building",',
      '  "status": "pending",',
      '  "blocks": [',
      '    "2"',
      '  ],',
      '  "blockedBy": [],',
      '  "owner": "a"',
      '}',
    ].join('\n'),
  );
  await updateTask(at, '1', () => ({ status: 'completed' }));
  const tasks = await listTasks(at);
  expect(tasks.map(({ id, status }) => [id, status])).toEqual([
    ['1', 'completed'],
    ['2', 'pending'],
  ]);
  expect(countTasks(tasks)).toEqual({ total: 2, completed: 1, inProgress: 0, pending: 1 });
  expect(countTasks(tasks, 'a')).toEqual({ total: 1, completed: 1, inProgress: 0, pending: 0 });
});

test('tasks that are created at once get different ids, above those of deleted tasks', async () => {
  const at = await temporaryTeam();
  await mkdir(taskDirectory(at), { recursive: true });
  await writeFile(`${taskDirectory(at)}/.highwatermark`, '7');
  const made = await Promise.all(
    Array.from({ length: 10 }, () => createTask(at, { subject: 's', description: 'd' })),
  );
  const ids = ['8', '9', '10', '11', '12', '13', '14', '15', '16', '17'];
  expect(new Set(made.map(({ id }) => id))).toEqual(new Set(ids));
  expect((await listTasks(at)).map(({ id }) => id)).toEqual(ids);
});

test('files that are not tasks are skipped, and unsafe ids are refused', async () => {
  const at = await temporaryTeam();
  await createTask(at, { subject: 's', description: 'd' });
  const good = await readFile(`${taskDirectory(at)}/1.json`, 'utf8');
  const bad: Readonly<Record<string, string>> = {
    '2.json': '{"id":"2","subj',
    '3.json': good,
    '4.json': good.replace('"1"', '"4"').replace('pending', 'exploded'),
    'x.json': good,
  };
  for (const [name, text] of Object.entries(bad)) {
    await writeFile(`${taskDirectory(at)}/${name}`, text);
  }
  expect((await listTasks(at)).map(({ id }) => id)).toEqual(['1']);
  await expect(readTask(at, '../../x')).rejects.toThrow(RangeError);
  expect(await updateTask(at, '9', () => ({}))).toBeUndefined();
});
