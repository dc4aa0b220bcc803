import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  createRoster,
  createTask,
  inboxFile,
  listTasks,
  type NativeTeam,
  newMember,
  parseProtocolMail,
  readInbox,
  sendMail,
  taskDirectory,
  updateTask,
} from '../src/index.ts';
import { temporaryDirectory } from './temporary.ts';

const CLAUDE = fileURLToPath(
  new URL(
    `../../../node_modules/@anthropic-ai/claude-code-linux-${process.arch}/claude`,
    import.meta.url,
  ),
);

interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

let server: Server;
let calls: readonly ToolCall[] = [];
let results: string[] = [];
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { model, messages } = JSON.parse(body) as {
      readonly model: string;
      readonly messages: readonly { readonly content: unknown }[];
    };
    results.push(JSON.stringify(messages.at(-1)?.content));
    const send = (type: string, data: object) =>
      response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], usage };
    response.setHeader('content-type', 'text/event-stream');
    send('message_start', { message });
    for (const [index, { name, input }] of calls.entries()) {
      const id = `toolu_${results.length}_${index}`;
      send('content_block_start', {
        index,
        content_block: { type: 'tool_use', id, name, input: {} },
      });
      const delta = { type: 'input_json_delta', partial_json: JSON.stringify(input) };
      send('content_block_delta', { index, delta });
      send('content_block_stop', { index });
    }
    send('message_delta', {
      delta: { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn' },
      usage,
    });
    send('message_stop', {});
    response.end();
    calls = [];
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** Runs the real CLI as the team's lead for one turn of tool calls. */
async function leadCalls(home: string, toolCalls: readonly ToolCall[]): Promise<void> {
  calls = toolCalls;
  results = [];
  const args = [
    '-p',
    '--output-format',
    'json',
    '--model',
    'opus',
    '--permission-mode',
    'bypassPermissions',
  ];
  const team = ['--team-name', 'demo', '--agent-id', 'team-lead@demo', '--agent-name', 'team-lead'];
  const child = spawn(CLAUDE, [...args, ...team, 'go'], {
    cwd: home,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      // The CLI refuses to bypass permissions as root, which tests in a container often are.
      IS_SANDBOX: '1',
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ANTHROPIC_API_KEY: 'sk-ant-none',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS: '1',
      CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
      ENABLE_TOOL_SEARCH: 'false',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  expect(await once(child, 'exit')).toEqual([0, null]);
}

async function makeTeam(): Promise<{ readonly home: string; readonly at: NativeTeam }> {
  const home = await temporaryDirectory();
  const at = {
    team: 'demo',
    teams: join(home, '.claude/teams'),
    tasks: join(home, '.claude/tasks'),
  };
  const members = ['team-lead', 'worker'].map((name, index) =>
    newMember('demo', { name, model: 'opus', prompt: 'p', cwd: home }, 1, index),
  );
  await createRoster(at, {
    name: 'demo',
    createdAt: 1,
    leadAgentId: 'team-lead@demo',
    leadSessionId: 's',
    members,
  });
  return { home, at };
}

test('this package writes the same bytes as the pinned CLI', async () => {
  const { home, at } = await makeTeam();
  await leadCalls(home, [
    { name: 'TaskCreate', input: { subject: 'Build', description: 'd', activeForm: 'Building' } },
    { name: 'SendMessage', input: { to: 'worker', message: 'hel\nlo', summary: 'hi' } },
  ]);
  const twin = { ...at, team: 'twin' };
  await createTask(twin, { subject: 'Build', description: 'd', activeForm: 'Building' });
  const task = (team: NativeTeam) => readFile(`${taskDirectory(team)}/1.json`, 'utf8');
  expect(await task(twin)).toBe(await task(at));

  const [theirs] = await readInbox(at, 'worker');
  const from = 'team-lead';
  const ours = await sendMail(twin, 'worker', { from, text: 'hel\nlo', summary: 'hi' });
  const inbox = (await readFile(inboxFile(twin, 'worker'), 'utf8'))
    .replace(ours.msg_id ?? '', theirs?.msg_id ?? '')
    .replace(ours.timestamp, theirs?.timestamp ?? '');
  expect(inbox).toBe(await readFile(inboxFile(at, 'worker'), 'utf8'));
});

test('the pinned CLI reads the roster, inbox and tasks that this package writes', async () => {
  const { home, at } = await makeTeam();
  await sendMail(at, 'worker', { from: 'other', text: 'first' });
  await createTask(at, { subject: 'Ours', description: 'd' });
  await createTask(at, { subject: 'Blocked', description: 'd', blockedBy: ['1'] });
  await leadCalls(home, [
    { name: 'TaskList', input: {} },
    { name: 'TaskUpdate', input: { taskId: '1', owner: 'worker' } },
    { name: 'TaskCreate', input: { subject: 'Theirs', description: 'd' } },
    { name: 'SendMessage', input: { to: 'stranger', message: 'x', summary: 'x' } },
  ]);
  const seen = results.join('\n');
  expect(seen).toContain('#1 [pending] Ours');
  expect(seen).toContain('#2 [pending] Blocked');
  expect((await listTasks(at)).map(({ id, subject, owner }) => [id, subject, owner])).toEqual([
    ['1', 'Ours', 'worker'],
    ['2', 'Blocked', undefined],
    ['3', 'Theirs', undefined],
  ]);
  const [first, second, ...more] = await readInbox(at, 'worker');
  expect(first?.text).toBe('first');
  expect(parseProtocolMail(second?.text ?? '')).toMatchObject({
    type: 'task_assignment',
    taskId: '1',
  });
  expect(more).toEqual([]);
});

test('the id of a task that the CLI has deleted is not used again', async () => {
  const { home, at } = await makeTeam();
  await createTask(at, { subject: 'a', description: 'd' });
  await createTask(at, { subject: 'b', description: 'd' });
  await leadCalls(home, [{ name: 'TaskUpdate', input: { taskId: '2', status: 'deleted' } }]);
  expect((await listTasks(at)).map(({ id }) => id)).toEqual(['1']);
  expect((await createTask(at, { subject: 'c', description: 'd' })).id).toBe('3');
  expect(await updateTask(at, '2', () => ({}))).toBeUndefined();
});
