import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';

const follow = new URL('../../../../bin/follow-child.mjs', import.meta.url);

/** Runs a program as `npm start` runs the CLI. @param script what the program does. */
const run = (script: string) =>
  execa(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { spawn } from 'node:child_process';
      import { followChild } from ${JSON.stringify(fileURLToPath(follow))};
      followChild(spawn(process.execPath, ['--eval', ${JSON.stringify(script)}]));`,
    ],
    { reject: false },
  );

test('a CLI that was killed is reported, with the way to continue', async () => {
  const killed = await run("process.kill(process.pid, 'SIGKILL')");
  expect(killed.exitCode).toBe(137);
  expect(killed.stderr).toMatch(/✗ agentteam was ended by SIGKILL, [\s\S]*agentteam resume RUN/);
  expect(await run('process.exitCode = 5')).toMatchObject({ exitCode: 5, stderr: '' });
  const ended = await run("process.kill(process.pid, 'SIGTERM')");
  expect(ended).toMatchObject({ exitCode: 143, stderr: '' });
});
