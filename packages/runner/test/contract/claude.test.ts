import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type AgentScript, type Rehearsal, startRehearsal } from '@agentteam/rehearsal';
import { afterEach, describe, expect, test } from '@jest/globals';
import { findTranscript, readDelivered } from '../../src/agent/claude-code/transcript.ts';
import { CLAUDE, type Line, PinnedMember, SESSION } from './member.ts';

/**
 * What the runner relies on in the CLI, none of which is documented. When one of these fails with a new
 * version, the runner must be adapted before that version can be used.
 */
const VERSION = '2.1.330';

let member: PinnedMember | undefined;
let rehearsal: Rehearsal | undefined;
afterEach(async () => {
  await member?.remove();
  await rehearsal?.close();
});

async function play(mate: AgentScript, ...options: [scope?: { includePaths: string[] }]) {
  rehearsal = await startRehearsal({ script: { agents: { mate } } });
  const [scope] = options;
  member = await PinnedMember.start(
    `${rehearsal.url}/mate`,
    scope && { includePaths: scope.includePaths, excludePaths: [] },
  );
  return member;
}

const uuid = (digit: number) => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;
const isResult = (line: Line) => line['type'] === 'result';
const isInit = (line: Line) => line['type'] === 'system' && line['subtype'] === 'init';

test(`the version is ${VERSION}`, () => {
  expect(execFileSync(CLAUDE, ['--version'], { encoding: 'utf8' })).toContain(VERSION);
});

describe('a member of a team', () => {
  test('starts with the runner’s arguments, and has mail and tasks', async () => {
    const mate = await play({ turns: [{ text: 'Hello.' }] });
    mate.say(uuid(1), 'Begin.');
    const { tools, session_id } = await mate.line(isInit);
    expect(tools).toEqual(
      expect.arrayContaining(['SendMessage', 'TaskCreate', 'TaskUpdate', 'TaskList', 'TaskGet']),
    );
    expect(session_id).toBe(SESSION);
    expect(await mate.line(isResult)).toMatchObject({
      is_error: false,
      result: 'Hello.',
      terminal_reason: 'completed',
      total_cost_usd: expect.any(Number),
    });
    expect(await mate.end()).toBe(0);
  });

  test('acknowledges each message when it reads it, and writes it to its transcript', async () => {
    const mate = await play({
      turns: [
        {
          tools: [
            {
              name: 'Bash',
              input: { command: 'until [ -e go ]; do sleep 0.1; done', description: 'wait' },
            },
          ],
        },
        { text: 'Read.', delayMs: 500 },
        { text: 'Again.' },
      ],
    });
    const said = [1, 2, 3, 4].map((n) => ({
      uuid: uuid(n),
      text: `message ${n}`,
      at: '',
      mail: [],
    }));
    const say = (n: number) => mate.say(said[n - 1]?.uuid ?? '', said[n - 1]?.text ?? '');
    const isNow = (n: number, state: string) => (line: Line) =>
      line['type'] === 'command_lifecycle' &&
      line['command_uuid'] === uuid(n) &&
      line['state'] === state;
    say(1);
    await mate.line((line) => line['type'] === 'assistant');
    // Sent while a tool runs: read at the tool's result.
    say(2);
    await mate.line(isNow(2, 'queued'));
    await writeFile(join(mate.cwd, 'go'), '');
    const replayed = (n: number) => (line: Line) =>
      line['isReplay'] === true && line['uuid'] === uuid(n);
    await mate.line(replayed(2));
    expect(mate.lines.filter(isResult)).toEqual([]);
    // Sent during the last reply: one turn reads both, under the uuid of the second.
    say(3);
    say(4);
    await mate.line(isNow(3, 'started'));
    await mate.line(isNow(4, 'started'));
    await mate.line((line) => isResult(line) && line['result'] === 'Again.');
    expect(await mate.end()).toBe(0);
    const transcript = await findTranscript(mate.projects, SESSION);
    expect(await readDelivered(transcript ?? '', said)).toEqual(
      new Set(said.map((one) => one.uuid)),
    );
  });

  test('obeys the hook even in a mode that does not ask for permission', async () => {
    const mate = await play(
      {
        turns: [
          { tools: [{ name: 'Write', input: { file_path: 'docs/x.md', content: 'x' } }] },
          { text: 'Refused.' },
        ],
      },
      { includePaths: ['src/'] },
    );
    mate.say(uuid(1), 'Write.');
    const answer = await mate.line((line) => line['type'] === 'user' && line['isReplay'] !== true);
    expect(JSON.stringify(answer)).toContain('docs/x.md is outside your scope (src/)');
    await mate.line(isResult);
  });
});

test('an answer with status 402 ends the turn at once, with its message', async () => {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume();
    requests += 1;
    response.writeHead(402, { 'content-type': 'application/json', 'x-should-retry': 'false' });
    const error = { type: 'permission_error', message: 'The budget is spent.' };
    response.end(JSON.stringify({ type: 'error', error }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    member = await PinnedMember.start(`http://127.0.0.1:${port}`);
    member.say(uuid(1), 'Begin.');
    const result = await member.line(isResult);
    expect(result).toMatchObject({ is_error: true, terminal_reason: 'api_error' });
    expect(result['result']).toContain('The budget is spent.');
    expect(requests).toBe(1);
  } finally {
    server.close();
  }
});

test('the transcript is in the directory that HOME links to', async () => {
  const mate = await play({ turns: [{ text: 'Hello.' }] });
  mate.say(uuid(1), 'Begin.');
  await mate.line(isResult);
  await mate.end();
  const transcript = await findTranscript(mate.projects, SESSION);
  expect(transcript?.startsWith(join(mate.directories.session, 'projects'))).toBe(true);
});
