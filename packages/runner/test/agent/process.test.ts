import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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

test('a daemon that keeps the output of the process open does not delay its end', async () => {
  const cwd = await temporaryDirectory();
  const pid = join(cwd, 'daemon.pid');
  try {
    const { log } = await printed(async () => {
      const claude = new ClaudeProcess({
        program: '/bin/bash',
        args: ['-c', `setsid sleep 3600 & echo $! > '${pid}'; echo last words >&2; exit 3`],
        cwd,
        env: { PATH: process.env['PATH'] ?? '' },
        isResumed: false,
        readBefore: new Set(),
        onEvent: () => {},
        answerMcp: async () => ({}),
      });
      expect(await claude.exited).toBe(3);
    });
    expect(log).toContain('last words');
  } finally {
    process.kill(Number(await readFile(pid, 'utf8')));
  }
});
