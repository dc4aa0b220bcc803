// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workflow } from '@agentteam/argo';
import type { ProviderWait } from '@agentteam/contract';
import { parseScript, type Rehearsal, startRehearsal } from '@agentteam/rehearsal';
import { readProviderWait, waitInDirectory } from '@agentteam/volume';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ApiServer, serveApi } from '../../../runner/test/support/api-server.ts';
import { agentteam, agentteamArguments } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();
let cwd: string;
let api: Rehearsal | undefined;
let receiver: ApiServer;

beforeEach(async () => {
  cwd = await temporary();
  receiver = await serveApi(() => ({ status: 204 }));
});
afterEach(async () => {
  await api?.close();
  await receiver.close();
});

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: limits }
spec:
  workspace: { output: {} }
  auth: { oauthSecret: subscription }
  lead: { prompt: Coordinate. }
  teammates:
    - { name: writer, prompt: Write a file. }
    - { name: editor, prompt: Edit it., dependsOn: [writer] }
`;

/** @param errors replies to the writer's first requests. */
const script = (errors: string, more = '') => `
agents:
  team-lead:
    turns:
      - until: { ended: true }
        tools: [{ name: report, input: { outcome: completed, summary: All is done. } }]
      - text: all
  writer:
    ${more}
    turns:
      - tools: [{ name: TaskList }]
        errors: [${errors}]
      - tools: [{ name: TaskUpdate, input: { taskId: "\${task.writer}", status: completed } }]
      - text: done
  editor:
    turns:
      - tools: [{ name: TaskList }]
      - tools: [{ name: TaskUpdate, input: { taskId: "\${task.editor}", status: completed } }]
      - text: edited
`;

const limit = (seconds: number) =>
  `{ status: 429, type: rate_limit_error, message: Usage limit reached, retryAfter: ${seconds} }`;

async function write(team: string, rehearsal: string): Promise<void> {
  await writeFile(join(cwd, 'team.yaml'), team);
  await writeFile(join(cwd, 'rehearsal.yaml'), rehearsal);
}

/** Serves the script outside the run, like a real API, so that it continues when the run is killed. */
async function serve(text: string): Promise<Readonly<Record<string, string>>> {
  const { script: read } = parseScript(text, 'rehearsal.yaml');
  if (read === undefined) throw new Error('the script is not valid');
  api = await startRehearsal({ script: read });
  return {
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${api.port}/{agent}`,
    ANTHROPIC_API_KEY: 'sk-of-this-test',
    AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS: 'true',
  };
}

async function attemptsOf(step: string): Promise<number> {
  const text = await readFile(join(cwd, '.agentteam/limits/workflow.json'), 'utf8');
  const nodes = Object.values((JSON.parse(text) as Workflow).status?.nodes ?? {});
  return nodes.filter(({ displayName = '' }) => displayName.startsWith(`${step}(`)).length;
}

test('a team waits for a usage limit to end, and completes without a restart', async () => {
  await write(TEAM, script(limit(6)));
  const { exitCode, stdout } = await agentteam(['run', 'team.yaml', '--rehearse', '--keep'], cwd);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(stdout).toMatch(/◌ writer is waiting for the API: usage limit, until \d\d:\d\d:\d\d/);
  expect(stdout).toContain('● writer continues: the API answers again');
  expect(stdout).not.toContain('restarted');
  expect(await attemptsOf('writer')).toBe(1);
});

test('a run that is killed while an agent waits continues to wait until the same time', async () => {
  const team = `${TEAM}  observability: { webhook: { url: "${receiver.url}/hook" } }\n`;
  await write(team, '');
  const env = await serve(script(limit(12)));
  const args = ['run', 'team.yaml', '--no-sandbox'];
  const engine = spawn(process.execPath, [...agentteamArguments, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, ...env },
    stdio: 'ignore',
  });
  const control = join(cwd, '.agentteam/limits/volumes/team/control');
  const wait = await waitInDirectory(
    join(control, 'waiting'),
    async (): Promise<ProviderWait | undefined> => readProviderWait(control, 'writer'),
    { signal: AbortSignal.timeout(120_000) },
  );
  engine.kill('SIGKILL');
  await once(engine, 'exit');

  const { exitCode, stdout } = await agentteam(['resume', 'limits'], cwd, env);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain('writer is waiting for the API: usage limit');
  expect(Date.now()).toBeGreaterThan(Date.parse(wait.until));
  expect(await attemptsOf('writer')).toBe(1);
  // The resumed run notifies the webhook of the same wait with the same id.
  const calls = receiver.requests.filter(({ path }) => path === '/hook');
  const waits = calls.filter(({ body }) => body['event'] === 'waiting-for-provider');
  expect(waits.length).toBeGreaterThan(0);
  expect(new Set(waits.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  expect(waits[0]?.body).toMatchObject({
    message: expect.stringContaining('writer is waiting for the API: usage limit, until'),
    data: { agents: [{ agent: 'writer', reason: 'usage-limit' }] },
  });
  expect(calls.at(-1)?.body).toMatchObject({ event: 'completed' });
});

test("a wait ends at the team's timeout, and the message names the limit", async () => {
  const team = `${TEAM}  lifecycle: { timeout: 12s }\n`;
  await write(team, script(limit(7200)));
  const { exitCode, stdout } = await agentteam(['run', 'team.yaml', '--rehearse', '--keep'], cwd);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 4 });
  expect(stdout).toMatch(/writer was waiting for the API: usage limit, until .* UTC/);
});

test('a team with onProviderLimit: fail does not wait', async () => {
  const team = `${TEAM}  lifecycle: { onProviderLimit: fail }\n`;
  await write(team, script(limit(7200)));
  const { exitCode, stdout } = await agentteam(['run', 'team.yaml', '--rehearse', '--keep'], cwd);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 1 });
  expect(stdout).toContain('lifecycle.onProviderLimit is fail');
  expect(await attemptsOf('writer')).toBe(1);
});

test('an invalid credential is reported before the agent starts, with a remedy', async () => {
  await write(TEAM, script('{ status: 500 }', 'preflight: [{ status: 401, times: 0 }]'));
  const { exitCode, stdout } = await agentteam(['run', 'team.yaml', '--rehearse', '--keep'], cwd);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 1 });
  expect(stdout).toContain('set the environment variable ANTHROPIC_API_KEY');
  expect(await attemptsOf('writer')).toBe(1);
});
