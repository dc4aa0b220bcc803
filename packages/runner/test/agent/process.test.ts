import { expect, test } from '@jest/globals';
import { ClaudeProcess } from '../../src/agent/claude-code/process.ts';
import { printed } from '../support/printed.ts';
import { temporaryDirectory } from '../support/shell.ts';

test('a program that cannot be started exits with 127 and says why, and killing it kills no other process', async () => {
  const { log } = await printed(async () => {
    const claude = new ClaudeProcess({
      program: '/does/not/exist',
      args: [],
      cwd: await temporaryDirectory(),
      env: {},
      isResumed: false,
      readBefore: new Set(),
      onEvent: () => {},
      answerMcp: async () => ({}),
    });
    claude.kill();
    expect(await claude.exited).toBe(127);
    await claude.stop();
  });
  expect(log).toContain('Claude Code cannot be started: Error: spawn /does/not/exist ENOENT');
});
