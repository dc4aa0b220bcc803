// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { request as ask, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseScript, type Rehearsal, startRehearsal } from '@agentteam/rehearsal';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();
let cwd: string;
let api: Rehearsal;
let front: Server;
/** The credential and the status of each request for a message. */
let messages: string[];

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: paid }
spec:
  workspace: { output: {} }
  auth:
    credentials:
      - { name: max, oauthSecret: subscription }
      - { name: company, apiKeySecret: company-key }
  lead: { prompt: Coordinate. }
  teammates: [{ name: writer, prompt: Write. }]
`;

const SCRIPT = `
agents:
  team-lead:
    turns:
      - until: { ended: true }
        tools: [{ name: report, input: { outcome: completed, summary: All is done. } }]
      - text: all
  writer:
    turns:
      - tools: [{ name: TaskList }]
      - tools: [{ name: TaskUpdate, input: { taskId: "\${task.writer}", status: completed } }]
      - text: done
`;

/** An API in front of the rehearsal, where one account is out of quota and unknown credentials are refused. */
beforeEach(async () => {
  cwd = await temporary();
  const { script } = parseScript(SCRIPT, 'rehearsal.yaml');
  if (script === undefined) throw new Error('the script is not valid');
  api = await startRehearsal({ script });
  messages = [];
  front = createServer((request, response) => {
    const { authorization, 'x-api-key': key } = request.headers;
    const credential = authorization ?? String(key);
    const isMessage = request.url?.includes('/v1/messages') === true;
    const refuse = (status: number, message: string, headers = {}) => {
      if (isMessage) messages.push(`${credential} ${status}`);
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ type: 'error', error: { type: 'an_error', message } }));
    };
    if (!['Bearer of-max', 'of-company'].includes(credential)) return refuse(401, 'unknown');
    if (isMessage && credential === 'Bearer of-max') {
      return refuse(429, 'Usage limit reached', { 'retry-after': '7200' });
    }
    if (isMessage) messages.push(`${credential} 200`);
    const { method, url: path, headers } = request;
    const onward = ask(`http://127.0.0.1:${api.port}${path}`, { method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(response);
    });
    request.pipe(onward);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
});
afterEach(async () => {
  front.closeAllConnections();
  front.close();
  await api.close();
});

function run(env: Readonly<Record<string, string>>) {
  const { port } = front.address() as AddressInfo;
  const all = { ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}/{agent}`, ...env };
  return agentteam(['run', 'team.yaml', '--keep'], cwd, all);
}

test('a team completes with its second credential, and the ledger says which one paid', async () => {
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  const { exitCode, stdout } = await run({
    CLAUDE_CODE_OAUTH_TOKEN: 'of-max',
    ANTHROPIC_API_KEY: 'of-company',
  });
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(messages).toContain('Bearer of-max 429');
  expect(messages).toContain('of-company 200');
  // Each of the two gateways asks the account that is out of quota once for each model.
  expect(messages.filter((one) => one === 'Bearer of-max 429').length).toBeLessThanOrEqual(4);

  const ledger = join(cwd, '.agentteam/paid/volumes/team/ledger');
  const files = (await readdir(ledger)).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(files.map((name) => readFile(join(ledger, name), 'utf8')));
  expect(texts.join('')).not.toMatch(/of-max|of-company/);
  const cost = await agentteam(['cost', 'paid', '--json'], cwd);
  const { lines } = JSON.parse(cost.stdout) as { lines: { credential: string }[] };
  expect(new Set(lines.map(({ credential }) => credential))).toEqual(new Set(['company']));
});

test('a credential that the API refuses ends the run before anything is spent', async () => {
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  const { exitCode, stdout, stderr } = await run({
    CLAUDE_CODE_OAUTH_TOKEN: 'of-max',
    ANTHROPIC_API_KEY: 'mistyped',
  });
  expect(exitCode).not.toBe(0);
  expect(`${stdout}${stderr}`).toContain('refused the credential company of auth.credentials');
  expect(messages).toEqual([]);
});
