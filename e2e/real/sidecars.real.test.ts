import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { team } from '../controller/teams.ts';
import type { Stage } from './stage.ts';
import { useStages } from './stages.ts';

const { open, site } = useStages();

/** An image with PostgreSQL whose entrypoint creates a database: `e2e/testcluster/postgres` builds one. */
const POSTGRES = process.env['AGENTTEAM_E2E_POSTGRES'] ?? 'localhost/postgres:15';
/** The id of the user `postgres` in it. */
const POSTGRES_UID = Number(process.env['AGENTTEAM_E2E_POSTGRES_UID'] ?? 100);

const database = {
  name: 'db',
  image: POSTGRES,
  runAsUser: POSTGRES_UID,
  writable: ['/data'],
  env: [{ name: 'PGDATA', value: '/data/db' }],
  ports: [5432],
};

/** Sends its argument to the database on loopback, and prints the answer: the agent's image has no client. */
const QUERY = `
const socket = require('net').connect(5432, '127.0.0.1');
const message = (type, body) => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};
socket.write(message('', Buffer.from('\\0\\x03\\0\\0user\\0postgres\\0\\0', 'latin1')));
let answer = '';
let isAsked = false;
socket.on('data', (data) => {
  answer += data.toString('latin1');
  if (!/Z....[IE]$/s.test(answer)) return;
  if (isAsked) {
    console.log(answer.replace(/[^ -~]+/g, ' '));
    process.exit();
  }
  isAsked = true;
  answer = '';
  socket.write(message('Q', Buffer.from(process.argv[1] + '\\0')));
});`;

const asks = (sql: string) => ({
  turns: [
    {
      tools: [
        { name: 'TaskList' },
        {
          name: 'Bash',
          as: 'answer',
          input: { command: `node -e '${QUERY.replaceAll("'", `'"'"'`)}' '${sql}'` },
        },
      ],
    },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the script.
    { tools: [{ name: 'TaskUpdate', input: { taskId: '${task.SELF}', status: 'completed' } }] },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the script.
    { tools: [{ name: 'report', input: { outcome: 'completed', summary: '${result.answer}' } }] },
  ],
});

const script = stringify({
  agents: {
    writer: asks('create table t as select version(); select * from t'),
    // The same table: this pod has a database of its own.
    editor: asks('create table t as select 40 + 2 as n; select * from t'),
  },
})
  .replace('task.SELF', 'task.writer')
  .replace('task.SELF', 'task.editor');

const teammates = (status: Awaited<ReturnType<Stage['ended']>>) =>
  new Map<string, { readonly phase: string; readonly message?: string; readonly podName: string }>(
    status.teammates.map((one: { name: string }) => [one.name, one]),
  );

test('each agent has its own PostgreSQL in its pod, which is restricted and ends with it', async () => {
  const at = await open({
    team: () => team('databases', { environment: { sidecars: [database] } }),
    script,
  });
  await at.start();
  const status = await at.ended();
  expect(status).toMatchObject({ phase: 'Completed' });
  const agents = teammates(status);
  const reports = JSON.stringify(status);
  expect(reports).toContain('PostgreSQL 15');
  expect(reports).toMatch(/\b42\b/);
  for (const { podName } of agents.values()) {
    const pod = JSON.parse(await at.kubectl('get', 'pod', podName, '-o', 'json'));
    expect(pod.status.phase).toBe('Succeeded');
    const db = pod.spec.initContainers.find(({ name }: { name: string }) => name === 'db');
    const mounts = db.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
    // Argo mounts its directory into every container, and what it trusts there is read-only.
    expect(mounts.filter((path: string) => !path.startsWith('/var/run/argo'))).toEqual(['/data']);
    expect(await at.kubectl('logs', podName, '-c', 'db')).toContain(
      'database system is ready to accept connections',
    );
  }
});

test('a sidecar that is never ready fails its agent, which has spent nothing', async () => {
  const { repository, tag } = site().image;
  const image = `${repository}:${tag}`;
  const deaf = { name: 'deaf', image, command: ['sleep', '3600'], ports: [5432] };
  const at = await open({
    team: () =>
      team('deaf', {
        environment: { sidecars: [{ ...deaf, readiness: { timeout: '5s' } }] },
      }),
  });
  await at.start();
  const status = await at.ended();
  expect(status.phase).toBe('Failed');
  expect(JSON.stringify(status)).toContain(
    'the sidecar deaf was not ready within 5 s: nothing listens on its port 5432',
  );
  expect(JSON.stringify(status.totals ?? status.usage ?? {})).not.toMatch(/"[1-9]\d*\.\d\d"/);
});
