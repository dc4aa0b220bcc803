import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileText } from '@agentteam/compiler';
import { defaultScript, type Rehearsal, type Script, startRehearsal } from '@agentteam/rehearsal';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  type ApiRequest,
  type ApiServer,
  serveApi,
} from '../../../runner/test/support/api-server.ts';
import { serveProxy } from '../../../runner/test/support/forward-proxy.ts';
import { makeRepository, shell } from '../../../runner/test/support/shell.ts';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

// These are real runs, because a rehearsal sends no notifications. A rehearsal serves their API.
const temporary = temporaryDirectories();
let cwd: string;
let receiver: ApiServer;
let rehearsal: Rehearsal | undefined;
/** Called with each request to the receiver. */
let onCall: (call: ApiRequest) => void;

beforeEach(async () => {
  cwd = await temporary();
  onCall = () => {};
  receiver = await serveApi((call) => {
    onCall(call);
    return { status: 204 };
  });
});
afterEach(async () => {
  await receiver.close();
  await rehearsal?.close();
});

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: auth, namespace: dev }
spec:
  repository: { url: ./acme/backend.git }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { model: haiku, prompt: Coordinate. }
  teammates: [{ name: api, model: haiku, prompt: Write it. }]
  observability: { webhook: { url: URL/end, secret: webhook-key } }
  lifecycle:
    onComplete: create-pr
    githubTokenSecret: github
    budgetLimit: "5.00"
    approvalGates: [{ event: deliver, channel: webhook, webhookUrl: URL/gate }]
`;

/** Runs a team with `--gates wait`. */
async function run(
  text: string,
  env: Readonly<Record<string, string>> = {},
  agents: Script['agents'] = {},
) {
  await makeRepository(join(cwd, 'work'), { 'a.txt': 'one\n' });
  await shell(cwd, 'git clone --quiet --bare work acme/backend.git');
  const team = text.replaceAll('URL', receiver.url);
  const { compiled } = compileText(team);
  if (compiled === undefined) throw new Error('the fixture is not valid');
  const script = defaultScript(compiled.team);
  rehearsal = await startRehearsal({
    script: { ...script, agents: { ...script.agents, ...agents } },
  });
  await writeFile(join(cwd, 'team.yaml'), team);
  await writeFile(join(cwd, 'webhook-key.env'), 'secret=key of the end\n');
  await writeFile(join(cwd, 'gate-key'), 'key of gates\n');
  await writeFile(join(cwd, 'github.env'), 'token=ghp_of-this-test\n');
  const api = `http://127.0.0.1:${rehearsal.port}`;
  const secrets = ['--secret', 'webhook-key=webhook-key.env', '--secret', 'github=github.env'];
  return agentteam(['run', 'team.yaml', '--no-sandbox', '--gates', 'wait', ...secrets], cwd, {
    ANTHROPIC_API_KEY: 'sk-of-this-test',
    ANTHROPIC_BASE_URL: `${api}/{agent}`,
    AGENTTEAM_HOSTING_URL: `${api}/hosting/github`,
    AGENTTEAM_WEBHOOK_SECRET_FILE: 'gate-key',
    ...env,
  });
}

const PRIVATE = { AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS: 'true' };

function isSigned({ headers, text }: ApiRequest, secret: string): boolean {
  const signed = `${headers['x-agentteam-timestamp']}.${text}`;
  const hash = createHmac('sha256', secret).update(signed).digest('hex');
  return headers['x-agentteam-signature'] === `sha256=${hash}`;
}

test('a gate retries its webhook, and the command in the notification approves it', async () => {
  receiver.failures.push({ status: 503 });
  const answered = new Promise((resolve, reject) => {
    onCall = ({ path, body }) => {
      if (path !== '/gate') return;
      const { approve } = body['data'] as { approve: string };
      agentteam(approve.split(' ').slice(1), cwd).then(resolve, reject);
    };
  });
  const { exitCode, stdout } = await run(TEAM, PRIVATE);
  expect(await answered).toMatchObject({ exitCode: 0 });
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain('◆ deliver: sent the request for approval by webhook');
  const gate = receiver.requests.filter(({ path }) => path === '/gate');
  expect(new Set(gate.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  expect(gate).toHaveLength(2);
  for (const call of gate) expect(isSigned(call, 'key of gates')).toBe(true);
  expect(gate[1]?.body).toMatchObject({
    schema: 'agentteam/notification',
    version: 1,
    event: 'approval-required',
    team: 'auth',
    namespace: 'dev',
    data: {
      event: 'deliver',
      run: expect.stringMatching(/^auth of \d{4}-/),
      reports: [{ teammate: 'api', report: expect.stringMatching(/./) }],
      costUsd: expect.stringMatching(/^0\.\d\d$/),
      budgetUsd: '5.00',
    },
  });

  const [end, ...more] = receiver.requests.filter(({ path }) => path === '/end');
  expect(more).toEqual([]);
  expect(end && isSigned(end, 'key of the end')).toBe(true);
  const pullRequest = { url: 'https://github.invalid/acme/backend/pull/1', state: 'open' };
  expect(end?.body).toMatchObject({
    event: 'completed',
    message: `dev/auth completed. Opened ${pullRequest.url}`,
    data: { phase: 'Completed', reason: 'Completed', branch: 'teams/auth', pullRequest },
  });
  const page = await readFile(
    new URL('../../../../docs/notifications.md', import.meta.url),
    'utf8',
  );
  for (const call of [gate[1], end]) {
    for (const field of Object.keys(call?.body['data'] ?? {}))
      expect(page).toContain(`\`${field}\``);
  }
});

/** A team whose gate opens immediately and is never answered. */
const UNANSWERED = TEAM.replace('event: deliver', 'event: spawn-api').replace(
  'onComplete:',
  'timeout: 15s\n    onComplete:',
);

test('a team that times out notifies its webhook', async () => {
  expect(await run(UNANSWERED, PRIVATE)).toMatchObject({ exitCode: 4 });
  expect(receiver.requests.map(({ body }) => body)).toMatchObject([
    { event: 'approval-required', data: { event: 'spawn-api', teammate: 'api' } },
    { event: 'timed-out', message: 'dev/auth ran out of time.', data: { phase: 'TimedOut' } },
  ]);
});

test('a webhook on this machine is refused unless it is allowed', async () => {
  const { stdout, stderr } = await run(UNANSWERED);
  expect(receiver.requests).toEqual([]);
  expect(stderr).toMatch(/^! A webhook of the team will not be called: 127\.0\.0\.1 is a private/m);
  expect(stdout).toMatch(
    /! spawn-api: could not send the request for approval by webhook: 127\.0\.0\.1 .*AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS=true/,
  );
  const { stdout: log } = await agentteam(['logs', 'auth'], cwd);
  expect(log).toContain('The webhook could not be notified of timed-out: 127.0.0.1 is a private');
});

test('notifications and pull requests use the proxy of the environment', async () => {
  const { port } = new URL(receiver.url);
  const hooks = 'http://hooks.example.test';
  const hosting = 'http://github.example.test';
  const proxy = await serveProxy((host) =>
    host === new URL(hosting).hostname ? (rehearsal?.port ?? 0) : Number(port),
  );
  onCall = ({ path, body }) => {
    const { approve } = body['data'] as { approve?: string };
    if (path === '/gate') answered = agentteam((approve ?? '').split(' ').slice(1), cwd);
  };
  let answered: Promise<unknown> | undefined;
  const { exitCode } = await run(TEAM.replaceAll('URL', hooks), {
    AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS: 'proxied',
    AGENTTEAM_HOSTING_URL: `${hosting}/hosting/github`,
    http_proxy: `http://localhost:${proxy.port}`,
  });
  await answered;
  await proxy.close();
  expect(exitCode).toBe(0);
  expect(receiver.requests.map(({ path }) => path)).toEqual(['/gate', '/end']);
  const isHook = (url: string) => url.startsWith(hooks);
  expect(proxy.asked.filter(isHook)).toEqual([`${hooks}/gate`, `${hooks}/end`]);
  // Setup checks that the pull request can be opened, and the delivery opens it.
  const others = proxy.asked.filter((url) => !isHook(url));
  expect(others.length).toBeGreaterThan(2);
  for (const url of others) expect(url).toContain(`${hosting}/hosting/github/repos/acme/backend`);
});

const ASKING = TEAM.replace(
  /approvalGates: .*/,
  'questions: { channel: webhook, webhookUrl: URL/question }',
);
const ASKS: Script['agents'] = {
  api: {
    turns: [
      {
        tools: [{ name: 'ask_person', input: { question: 'Which port?', choices: ['80', '81'] } }],
      },
      { tools: [{ name: 'TaskUpdate', input: { taskId: '1', status: 'completed' } }] },
      { tools: [{ name: 'report', input: { outcome: 'completed', summary: 'Done.' } }] },
      { text: 'Done.' },
    ],
  },
};

test('a question is sent once to its channel, and the command in it answers', async () => {
  const answered = new Promise((resolve, reject) => {
    onCall = ({ path, body }) => {
      if (path !== '/question') return;
      const { answer } = body['data'] as { answer: string };
      const words = answer.replace('"…"', '2').split(' ').slice(1);
      agentteam(words, cwd).then(resolve, reject);
    };
  });
  const { exitCode, stdout } = await run(ASKING, PRIVATE, ASKS);
  expect(await answered).toMatchObject({ stdout: expect.stringContaining('answered api.1') });
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain('◆ api.1: sent the question by webhook');
  const sent = receiver.requests.filter(({ path }) => path === '/question');
  expect(sent.map(({ body }) => body)).toMatchObject([
    {
      event: 'question',
      data: { id: 'api.1', agent: 'api', question: 'Which port?', choices: ['80', '81'] },
    },
  ]);
  const page = await readFile(
    new URL('../../../../docs/notifications.md', import.meta.url),
    'utf8',
  );
  for (const field of Object.keys(sent[0]?.body['data'] ?? {})) {
    expect(page).toContain(`\`${field}\``);
  }
});
