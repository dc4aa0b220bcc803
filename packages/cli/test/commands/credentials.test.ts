import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Rehearsal, startRehearsal } from '@agentteam/rehearsal';
import { waitInDirectory } from '@agentteam/volume';
import { afterEach, expect, test } from '@jest/globals';
import { temporaryDirectories } from '../temporary.ts';
import { agentteamArguments } from './agentteam.ts';
import { type Reachable, reachableIn, runningContainers } from './reach.ts';

const temporary = temporaryDirectories();
let rehearsal: Rehearsal | undefined;
let run: ChildProcess | undefined;
afterEach(async () => {
  // After a failed test the worker would wait forever.
  if (run?.exitCode === null && run.kill('SIGINT')) await once(run, 'exit');
  await rehearsal?.close();
});

const KEY = 'sk-ant-the-key-of-this-test';
const PASSWORD = 'the-password-of-the-registry-of-this-test';
const TOKEN = 'the-token-of-the-server-of-this-test';

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: t }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: key }
  environment:
    services: [{ name: npm, url: "http://127.0.0.1:9/npm", credentialsSecret: npm }]
    env: [{ name: npm_config_registry, value: "\${services.npm}" }]
  lead: { prompt: Coordinate. }
  teammates:
    - name: worker
      prompt: Work.
      mcpServers: [{ name: crm, url: "http://127.0.0.1:9/mcp", credentialsSecret: crm }]
`;

const REPORT = { name: 'report', input: { outcome: 'completed', summary: 'Done.' } };

/** The worker runs a command that waits for a file. */
const SCRIPT = {
  agents: {
    worker: {
      turns: [
        {
          tools: [
            { name: 'Bash', input: { command: 'touch busy; until [ -e go ]; do sleep 0.1; done' } },
          ],
        },
        { tools: [{ name: 'TaskUpdate', input: { taskId: '1', status: 'completed' } }, REPORT] },
        { text: 'Done.' },
      ],
    },
    'team-lead': { turns: [{ text: 'I wait.' }, { until: { ended: true }, tools: [REPORT] }] },
  },
};

test('neither the processes of a running agent nor its files contain a credential', async () => {
  const { promise: leadIsUp, resolve: onLead } = Promise.withResolvers<void>();
  rehearsal = await startRehearsal({
    script: SCRIPT,
    onRequest: ({ agent }) => {
      if (agent === 'team-lead') onLead();
    },
  });
  const cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  const secrets = await temporary();
  await writeFile(join(secrets, 'crm.env'), `token=${TOKEN}\n`);
  await writeFile(join(secrets, 'npm.env'), `username=u\npassword=${PASSWORD}\n`);
  const given = ['crm', 'npm'].flatMap((name) => ['--secret', `${name}=${secrets}/${name}.env`]);
  const args = ['run', 'team.yaml', '--no-sandbox', ...given];
  run = spawn(process.execPath, [...agentteamArguments, ...args], {
    cwd,
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      HOME: cwd,
      ANTHROPIC_API_KEY: KEY,
      ANTHROPIC_BASE_URL: `${rehearsal.url}/{agent}`,
    },
  });
  const ended = once(run, 'exit');
  const volume = join(cwd, '.agentteam/t/volumes/team');
  const work = join(volume, 'work/worker');
  const busy = async () =>
    (await readdir(work).catch((): string[] => [])).includes('busy') || undefined;
  await waitInDirectory(cwd, busy, { signal: AbortSignal.timeout(240_000) });
  await leadIsUp;

  const roots = runningContainers(realpathSync(cwd));
  const agents = roots.filter((root) => root.endsWith('/main'));
  const gateways = roots.filter((root) => root.endsWith('/gateway'));
  expect([agents.length, gateways.length]).toEqual([2, 2]);

  const reach = agents.flatMap(reachableIn);
  // The search covers the CLI, the processes of its tools, and its files.
  expect(reach.filter(({ text }) => text.includes('--agent-name\0worker'))).not.toEqual([]);
  const shells = reach.filter(
    ({ path, text }) => path.endsWith('/cmdline') && text.includes('touch busy'),
  );
  expect(shells).not.toEqual([]);
  expect(reach.filter(({ path }) => path.endsWith('.jsonl'))).not.toEqual([]);
  expect(pathsOf(reach, KEY)).toEqual([]);
  expect(pathsOf(reach, TOKEN)).toEqual([]);
  expect(pathsOf(reach, PASSWORD)).toEqual([]);
  // The same search finds the credentials in the gateways.
  const kept = gateways.flatMap(reachableIn);
  expect(pathsOf(kept, KEY)).toHaveLength(2);
  expect(pathsOf(kept, TOKEN)).toHaveLength(1);
  expect(pathsOf(kept, PASSWORD)).toHaveLength(2);

  await writeFile(join(work, 'go'), '');
  expect(await ended).toEqual([0, null]);
});

function pathsOf(found: readonly Reachable[], text: string): readonly string[] {
  return found.filter((one) => one.text.includes(text)).map(({ path }) => path);
}
