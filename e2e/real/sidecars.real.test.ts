import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { team } from '../controller/teams.ts';
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

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: references of the script.
const script = stringify({
  agents: {
    writer: {
      turns: [
        {
          tools: [
            { name: 'TaskList' },
            {
              name: 'Bash',
              as: 'answer',
              input: {
                command: `node -e '${QUERY.replaceAll("'", `'"'"'`)}' 'create table t as select version(); select * from t'`,
              },
            },
          ],
        },
        {
          tools: [{ name: 'TaskUpdate', input: { taskId: '${task.writer}', status: 'completed' } }],
        },
        { tools: [{ name: 'report', input: { outcome: 'completed', summary: 'Asked.' } }] },
        { text: 'It answered: ${result.answer}' },
      ],
    },
  },
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: references of the script.

test('an agent has a PostgreSQL in its pod, which is restricted and ends with it', async () => {
  // The gate keeps the team, and with it the pods, until they have been read.
  const lifecycle = { approvalGates: [{ event: 'spawn-editor' }] };
  const at = await open({
    team: () => team('databases', { environment: { sidecars: [database] }, lifecycle }),
    script,
  });
  await at.start();
  const pod = await at.until(({ teammates = [] }) => {
    const writer = teammates.find(({ name }: { name: string }) => name === 'writer');
    return writer?.phase === 'Completed' && (writer.podName as string);
  });
  expect(await at.kubectl('logs', pod, '-c', 'main')).toMatch(/It answered: .*PostgreSQL \d+/);
  expect(await at.kubectl('logs', pod, '-c', 'db')).toContain(
    'database system is ready to accept connections',
  );
  const { spec, status } = JSON.parse(await at.kubectl('get', 'pod', pod, '-o', 'json'));
  expect(status.phase).toBe('Succeeded');
  const db = spec.initContainers.find(({ name }: { name: string }) => name === 'db');
  const mounts = db.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
  // Argo mounts its directory into every container, and what it trusts there is read-only.
  expect(mounts.filter((path: string) => !path.startsWith('/var/run/argo'))).toEqual(['/data']);
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
  expect(status.message).toContain(
    'the sidecar deaf was not ready within 5 s: nothing listens on its port 5432',
  );
  expect(status.estimatedCost).toBe('0.00');
});
