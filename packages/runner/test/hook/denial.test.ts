import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTask, updateTask } from '@agentteam/volume';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { denialOf } from '../../src/hook/denial.ts';
import type { HookConfig } from '../../src/records/hook-config.ts';

let directory: string;
let config: HookConfig;
beforeEach(async () => {
  directory = await mkdtemp(join(await realpath(tmpdir()), 'hook '));
  const tree = join(directory, 'tree');
  await mkdir(join(tree, 'src'), { recursive: true });
  config = {
    agent: 'mate',
    native: { team: 'T', teams: join(directory, 'teams'), tasks: join(directory, 'tasks') },
    tree,
    scope: { includePaths: ['src/'], excludePaths: ['src/generated/'] },
  };
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const write = (file: string) =>
  denialOf(config, { tool_name: 'Write', tool_input: { file_path: file }, cwd: config.tree ?? '' });

describe('a file', () => {
  test.each(['src/a.ts', './src/new/b.ts', '/tmp/scratch.txt'])(
    '%s may be written',
    async (file) => {
      expect(await write(file)).toBeUndefined();
    },
  );

  test.each(['docs/a.md', 'src/../package.json', 'src/generated/x.ts', 'srcs/a.ts'])(
    '%s may not be written',
    async (file) => {
      expect(await write(file)).toContain('outside your scope');
    },
  );

  test('in conflict may be written anywhere', async () => {
    const file = join(config.tree ?? '', 'package.json');
    await writeFile(file, '<<<<<<< HEAD\na\n=======\nb\n>>>>>>> b\n');
    expect(await write('package.json')).toBeUndefined();
  });

  test('is checked at the target of its links', async () => {
    await symlink('..', join(config.tree ?? '', 'src/up'));
    expect(await write('src/up/package.json')).toContain('package.json is outside your scope');
  });
});

describe('a task', () => {
  const update = (input: Record<string, string>) =>
    denialOf(config, { tool_name: 'TaskUpdate', tool_input: input, cwd: '' });

  test('of another agent may not be taken, but a free one may', async () => {
    await createTask(config.native, { subject: 'a', description: '', owner: 'other' });
    await createTask(config.native, { subject: 'b', description: '' });
    expect(await update({ taskId: '1', status: 'completed' })).toContain('belongs to other');
    expect(await update({ taskId: '1', owner: 'mate' })).toContain('belongs to other');
    expect(await update({ taskId: '2', owner: 'mate' })).toBeUndefined();
  });

  test('may not be started while another blocks it', async () => {
    await createTask(config.native, { subject: 'a', description: '', owner: 'other' });
    await createTask(config.native, {
      subject: 'b',
      description: '',
      owner: 'mate',
      blockedBy: ['1'],
    });
    expect(await update({ taskId: '2', status: 'in_progress' })).toContain(
      'blocked by open tasks: 1',
    );
    await updateTask(config.native, '1', () => ({ status: 'completed' }));
    expect(await update({ taskId: '2', status: 'in_progress' })).toBeUndefined();
  });
});
