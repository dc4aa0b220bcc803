import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { serveUi, type UiServer } from '@agentteam/ui';
import { readPersonMessages } from '@agentteam/volume';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { distribution } from '../../src/distribution.ts';
import { retryRun } from '../../src/run/retry-run.ts';
import { localHost } from '../../src/teams/local/local-host.ts';
import { hostSource } from '../../src/ui/host-source.ts';
import { madeRun } from '../fixtures.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();
const GATE = '/api/teams/q3-report/gates/spawn-email-drafter';
let server: UiServer;
let runs: string;
let token: string;
let origin: string;

beforeEach(async () => {
  runs = await temporary();
  await madeRun(runs);
  const source = hostSource(localHost(runs, retryRun, {}), runs);
  server = await serveUi({ source, assets: join(distribution(), 'ui'), port: 0 });
  const url = new URL(server.url);
  origin = url.origin;
  token = url.hash.replace('#token=', '');
});
afterEach(() => server.close());

interface Reply {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Sends a request with any headers; fetch would refuse some of them. */
async function send(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): Promise<Reply> {
  const method = body === undefined ? 'GET' : 'POST';
  const sent = request(origin, { path, method, headers, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

const authorized = (): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` });
const decision = (): Readonly<Record<string, string>> => ({
  ...authorized(),
  origin,
  'content-type': 'application/json',
});
/** The answers to gates that the engine will find. */
async function answers(): Promise<readonly unknown[]> {
  const directory = join(runs, 'q3-report/commands');
  const files = existsSync(directory) ? await readdir(directory) : [];
  return Promise.all(
    files.map(async (name) => JSON.parse(await readFile(join(directory, name), 'utf8'))),
  );
}
const APPROVE = JSON.stringify({ decision: 'approve', reason: 'read it' });

test('the list has the teams of this machine', async () => {
  const { status, text } = await send('/api/teams', authorized());
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({
    place: runs,
    startCommand: 'agentteam run team.yaml --rehearse',
    teams: [{ name: 'q3-report', limit: '15.00', progress: { done: 0 }, openGates: [] }],
  });
});

test('a team has its whole graph before it has begun', async () => {
  const { text } = await send('/api/teams/q3-report', authorized());
  const { steps } = JSON.parse(text) as { steps: { name: string; state: string }[] };
  expect(steps.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Lead', 'researcher', 'email-drafter', 'Finish']),
  );
});

test('a gate is answered with the identity of the caller', async () => {
  expect(await send(GATE, decision(), APPROVE)).toMatchObject({ status: 200 });
  expect(await answers()).toMatchObject([{ by: userInfo().username, reason: 'read it' }]);
  expect(await send(GATE, decision(), APPROVE)).toMatchObject({ status: 409 });
});

test('a question that nobody asked, and an answer that is none, are refused', async () => {
  const question = '/api/teams/q3-report/questions/researcher.1';
  const answer = JSON.stringify({ text: 'Use October.' });
  const refused = await send(question, decision(), answer);
  expect(refused).toMatchObject({ status: 409 });
  expect(refused.text).toContain('cannot ask people');
  for (const body of ['{"text":" "}', '{}', `{"text":"${'x'.repeat(40_000)}"}`, 'x']) {
    expect(await send(question, decision(), body)).toMatchObject({ status: 400 });
  }
  expect(await send(question, { ...decision(), origin: 'null' }, answer)).toMatchObject({
    status: 403,
  });
});

test('nothing about teams is told without the token', async () => {
  for (const path of ['/api/teams', '/api/teams/q3-report', '/api/events', '/api/other']) {
    expect(await send(path)).toMatchObject({ status: 401 });
    expect(await send(path, { authorization: 'Bearer wrong' })).toMatchObject({ status: 401 });
  }
});

test.each(['//', 'http://', '/api//', '/api/teams/..%2f'])(
  'the target %s is answered',
  async (path) => {
    expect(await send(path, authorized())).toMatchObject({ status: 404 });
    expect(await send('/api/teams', authorized())).toMatchObject({ status: 200 });
  },
);

test.each([
  ['another host name, as with DNS rebinding', { host: 'rebound.example.com' }],
  ['the origin of another site', { origin: 'https://example.com' }],
  ['the origin of another port', { origin: 'http://127.0.0.1:1' }],
  ['an opaque origin', { origin: 'null' }],
])('a request with %s is refused, even with the token', async (_, headers) => {
  expect(await send('/api/teams', { ...authorized(), ...headers })).toMatchObject({ status: 403 });
  expect(await send(GATE, { ...decision(), ...headers }, APPROVE)).toMatchObject({ status: 403 });
  expect(await answers()).toEqual([]);
});

test.each([
  ['no origin', 403, (headers: object) => ({ ...headers, origin: undefined }), APPROVE],
  ['a form', 400, (headers: object) => ({ ...headers, 'content-type': 'text/plain' }), APPROVE],
  ['another decision', 400, (headers: object) => headers, '{"decision":"maybe"}'],
  ['a long body', 400, (headers: object) => headers, `"${'x'.repeat(20_000)}"`],
])('an answer to a gate with %s is refused', async (_, status, change, body) => {
  const headers = Object.entries(change(decision())).filter(([, value]) => value !== undefined);
  expect(await send(GATE, Object.fromEntries(headers), body)).toMatchObject({ status });
  expect(await answers()).toEqual([]);
});

test.each(['/api/teams/..%2f..', '/api/teams/%2e%2e', '/api/teams/none', '/package.json'])(
  '%s does not exist',
  async (path) => {
    expect(await send(path, authorized())).toMatchObject({ status: 404 });
  },
);

test('the page may load nothing from elsewhere and cannot be framed', async () => {
  const { headers } = await send('/');
  expect(headers).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
  });
  expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
});

const TELL = '/api/teams/q3-report/messages';
const message = (text: string, agents: readonly string[] = ['researcher']): string =>
  JSON.stringify({ agents, text });
const people = (agent: string) =>
  readPersonMessages(join(runs, 'q3-report/volumes/team/control'), agent);

test('a message is sent to agents as the caller, and not from another origin', async () => {
  expect(await send(TELL, decision(), message('Use October.'))).toMatchObject({ status: 200 });
  const by = userInfo().username;
  expect(await people('researcher')).toMatchObject([{ by, text: 'Use October.' }]);
  expect(await send(TELL, decision(), message('All.', []))).toMatchObject({ status: 200 });
  expect(await people('team-lead')).toMatchObject([{ by, text: 'All.' }]);

  const foreign = { ...decision(), origin: 'https://example.com' };
  expect(await send(TELL, foreign, message('x'))).toMatchObject({ status: 403 });
  expect(await send(TELL, decision(), message(' '))).toMatchObject({ status: 400 });
  expect(await send(TELL, decision(), message('x', ['nobody']))).toMatchObject({
    status: 409,
    text: expect.stringContaining('no agent nobody'),
  });
  expect(await send(TELL, decision(), message('x'.repeat(100_000)))).toMatchObject({ status: 400 });
  expect(await people('researcher')).toHaveLength(2);
});

test.each(['pause', 'resume', 'stop'])('%s needs a process that runs the team', async (action) => {
  const path = `/api/teams/q3-report/actions/${action}`;
  expect(await send(path, decision(), '{}')).toMatchObject({
    status: 409,
    text: expect.stringContaining('no process is running q3-report'),
  });
  expect(await send(path, { ...decision(), origin: 'null' }, '{}')).toMatchObject({ status: 403 });
  expect(await send(`${path}d`, decision(), '{}')).toMatchObject({ status: 404 });
});

test('an interrupt needs an agent that is running, and does not come from another origin', async () => {
  const path = (agent: string): string => `/api/teams/q3-report/interrupts/${agent}`;
  for (const [agent, why] of [
    ['researcher', 'researcher is not running, so there is nothing to interrupt'],
    ['lead', 'lead is not running'],
    ['nobody', 'no agent nobody'],
  ] as const) {
    expect(await send(path(agent), decision(), '{}')).toMatchObject({
      status: 409,
      text: expect.stringContaining(why),
    });
  }
  const foreign = { ...decision(), origin: 'null' };
  expect(await send(path('researcher'), foreign, '{}')).toMatchObject({ status: 403 });
  expect(await send('/api/teams/q3-report/interrupts', decision(), '{}')).toMatchObject({
    status: 404,
  });
});
