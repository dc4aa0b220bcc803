import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Q3_REPORT } from '../fixtures.ts';
import { temporaryDirectories } from '../temporary.ts';
import { agentteam, agentteamArguments } from './agentteam.ts';

const temporary = temporaryDirectories();
let served: ChildProcess | undefined;

afterEach(() => {
  served?.kill('SIGKILL');
});

const SCRIPT = 'agents: { researcher: { turns: [{ text: "The sum is 42." }] } }\n';

describe('rehearsal', () => {
  test('serves replies until it is stopped', async () => {
    const cwd = await temporary();
    await writeFile(join(cwd, 'team.yaml'), Q3_REPORT);
    await writeFile(join(cwd, 'script.yaml'), SCRIPT);
    const args = ['rehearsal', 'team.yaml', '--script', 'script.yaml', '--json'];
    const child = spawn(process.execPath, [...agentteamArguments, ...args], {
      cwd,
      env: { PATH: process.env['PATH'], HOME: cwd },
    });
    served = child;
    const ended = once(child, 'exit');
    const seen = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    let url: string | undefined;
    for await (const line of createInterface({ input: child.stderr })) {
      url = /AGENTTEAM_API_URL=(\S+)/.exec(line)?.[1];
      if (url !== undefined) break;
    }
    const reply = await fetch(`${url?.replace('{agent}', 'researcher')}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'claude-sonnet-5-5',
        max_tokens: 100,
        messages: [{ role: 'user', content: 'What is the sum?' }],
        tools: [{ name: 'Bash', input_schema: { type: 'object' } }],
      }),
    });
    expect(await reply.json()).toMatchObject({
      content: [{ type: 'text', text: 'The sum is 42.' }],
    });
    const { value } = await seen.next();
    expect(JSON.parse(value as string)).toEqual({
      agent: 'researcher',
      subagent: false,
      status: 200,
      turn: 1,
    });
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  test.each([
    ['a missing script', ['--script', 'none.yaml'], 'none.yaml cannot be read'],
    ['an unavailable address', ['--host', '192.0.2.1'], 'cannot listen on 192.0.2.1:0'],
    ['an invalid port', ['--port', '-1'], 'from 0 to 65535'],
  ])('reports %s', async (_, args, message) => {
    const cwd = await temporary();
    await writeFile(join(cwd, 'team.yaml'), Q3_REPORT);
    const { exitCode, stderr } = await agentteam(['rehearsal', 'team.yaml', ...args], cwd);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
