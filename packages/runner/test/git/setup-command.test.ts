import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runSetupCommand } from '../../src/git/worktree/setup-command.ts';
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
    marker: join(directory, 'session/setup-done'),
    env: { PATH: path, npm_config_cache: '/cache/npm' },
    signal: never,
  };
}

test('runs once, without a shell, with the agent’s variables', async () => {
  const made = await setup([
    'node',
    '-e',
    'fs.appendFileSync("log", process.env.npm_config_cache + process.argv[1] + "\\n")',
    '$HOME; x',
  ]);
  await runSetupCommand(made);
  await runSetupCommand(made);
  expect(await shell(made.worktree, 'cat log')).toBe('/cache/npm$HOME; x');
});

test('runs once if several agents share the tree and start at the same time', async () => {
  const made = await setup(['sh', '-c', 'echo run >> log']);
  await Promise.all([runSetupCommand(made), runSetupCommand(made), runSetupCommand(made)]);
  expect(await shell(made.worktree, 'cat log')).toBe('run');
});

test('a failure shows the command and its output, and is repeated', async () => {
  const made = await setup(['sh', '-c', 'echo attempt >> tries; echo out; echo err >&2; exit 4']);
  const attempt = () => runSetupCommand(made);
  await expect(attempt()).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/setup command `sh -c ".*` failed \(exit code 4\):\nout\nerr/),
  });
  await expect(attempt()).rejects.toThrow();
  expect(await shell(made.worktree, 'wc -l < tries')).toBe('2');
});

test('a missing program is an error in the spec', async () => {
  const made = await setup(['no-such-program', '--x']);
  await expect(runSetupCommand(made)).rejects.toMatchObject({
    exitCode: 64,
    message: expect.stringContaining('program not found: no-such-program'),
  });
});

test.each([0, 3])(
  'a daemon that keeps the output open does not delay the end (exit code %i)',
  async (code) => {
    // In a session of its own, it is in no process group that could be killed.
    const script = `setsid sleep 3600 & echo $! > daemon.pid; echo words; exit ${code}`;
    const made = await setup(['sh', '-c', script]);
    const message = await runSetupCommand(made).then(
      () => '',
      (error: Error) => error.message,
    );
    await shell(made.worktree, 'kill $(cat daemon.pid)');
    expect(message).toMatch(code === 0 ? /^$/ : /failed \(exit code 3\):\nwords$/);
  },
);
