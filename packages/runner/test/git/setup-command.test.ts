import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runSetupCommand } from '../../src/git/index.ts';
import { shell, temporaryDirectory } from '../support/shell.ts';
import { never } from '../support/team.ts';

async function setup(command: readonly string[]) {
  const directory = await temporaryDirectory();
  await shell(directory, 'mkdir tree');
  const path = process.env['PATH'] ?? '';
  return {
    directory,
    worktree: join(directory, 'tree'),
    command,
    cache: join(directory, 'cache'),
    marker: join(directory, 'session/setup-done'),
    env: { PATH: path },
    signal: never,
  };
}

test('runs once, without a shell, with the caches of the team', async () => {
  const made = await setup([
    'node',
    '-e',
    'fs.appendFileSync("log", process.env.npm_config_cache + process.argv[1] + "\\n")',
    '$HOME; x',
  ]);
  await runSetupCommand(made);
  await runSetupCommand(made);
  expect(await shell(made.worktree, 'cat log')).toBe(`${made.cache}/npm$HOME; x`);
});

test('runs once where several agents share the tree and start together', async () => {
  const made = await setup(['sh', '-c', 'echo run >> log']);
  await Promise.all([runSetupCommand(made), runSetupCommand(made), runSetupCommand(made)]);
  expect(await shell(made.worktree, 'cat log')).toBe('run');
});

test('a failure names the command and shows what it printed, and is repeated', async () => {
  const made = await setup(['sh', '-c', 'echo attempt >> tries; echo out; echo err >&2; exit 4']);
  const attempt = () => runSetupCommand(made);
  await expect(attempt()).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/setup command `sh -c ".*` failed \(exit code 4\):\nout\nerr/),
  });
  await expect(attempt()).rejects.toThrow();
  expect(await shell(made.worktree, 'wc -l < tries')).toBe('2');
});

test('a program that is not there is a mistake in the spec', async () => {
  const made = await setup(['no-such-program', '--x']);
  await expect(runSetupCommand(made)).rejects.toMatchObject({
    exitCode: 64,
    message: expect.stringContaining('there is no program no-such-program'),
  });
});
