import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  busyboxRoot,
  postgresRoot,
  psqlProgram,
  type TestPodman,
  testPodman,
} from '../../../../local/test/support/images.ts';
import { temporaryDirectories } from '../../temporary.ts';
import { CodingRun, git, mate, WAITING_LEAD } from './coding-run.ts';

let podman: TestPodman;
beforeAll(async () => {
  podman = testPodman();
  const root = await mkdtemp(join(tmpdir(), 'root-'));
  podman.makeImage(
    'localhost/postgres:test',
    postgresRoot(join(root, 'a')),
    'ENTRYPOINT ["/entrypoint.sh"]',
  );
  podman.makeImage('localhost/busybox:test', busyboxRoot(join(root, 'b')));
  await rm(root, { recursive: true });
});
afterAll(() => podman.close());
const temporary = temporaryDirectories();

const POSTGRES = `
environment:
  sidecars:
    - name: db
      image: localhost/postgres:test
      runAsUser: 70
      writable: [/data]
      env: [{ name: PGDATA, value: /data/db }]
      ports: [5432]
`;
const start = async (spec: string, agents: string, ...options: readonly string[]) =>
  CodingRun.start(
    await temporary(),
    { files: { 'a.txt': 'a\n' }, spec, agents: `${WAITING_LEAD}${agents}` },
    options,
    podman.env,
  );

test('agents and quality gates use a real PostgreSQL, each their own', async () => {
  const psql = `${psqlProgram()} -h 127.0.0.1 -U postgres -v ON_ERROR_STOP=1 -qAt`;
  const work = (name: string, answer: number) =>
    mate(
      name,
      `${psql} -c "create table t as select ${answer} as n" && ${psql} -c "select n, version() from t" > ${name}.txt`,
    );
  const gate = `test "$(${psql} -c 'select count(*) from pg_tables where tablename = $$t$$')" = 0`;
  const run = await start(
    `${POSTGRES}
teammates: [{ name: one, prompt: Work. }, { name: two, prompt: Work. }]
qualityGates: { validationScript: ${JSON.stringify(gate)} }
`,
    `${work('one', 1)}${work('two', 2)}`,
    '--sandbox',
  );
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  for (const [name, answer] of [
    ['one', '1'],
    ['two', '2'],
  ] as const) {
    expect(await git(run.remote, 'show', `teams/crew:${name}.txt`)).toMatch(
      new RegExp(`^${answer}\\|PostgreSQL `),
    );
  }
  const ready = 'database system is ready to accept connections';
  expect((await run.next('logs', '-c', 'db', 'one')).stdout).toContain(ready);
  expect((await run.next('logs')).stdout).not.toContain(ready);
  expect((await run.next('logs', '-c', 'dbb')).stderr).toContain(
    'Containers of the team: setup, main, gateway, db',
  );
  expect(podman.call('ps', '--all', '--quiet')).toBe('');
});

test('a program that an agent starts in its database gets no further than the agent', async () => {
  const psql = `${psqlProgram()} -h 127.0.0.1 -U postgres -qAt`;
  const inside = (program: string) =>
    `${psql} -c "create temp table o (line text); copy o from program '${program}' delimiter E'\\x01'; select line from o"`;
  const request = "printf ''GET /v1/models HTTP/1.0\\r\\n\\r\\n'' | nc 127.0.0.1 $PORT | cat";
  const probe = [
    'PORT=$(echo $ANTHROPIC_BASE_URL | cut -d : -f 3)',
    inside('ls / /run /var; env').concat(' > seen.txt'),
    inside('grep -c : /proc/net/dev').concat(' >> seen.txt'),
    inside(request).concat(' >> seen.txt'),
  ].join('\n');
  const run = await start(
    `${POSTGRES}\nteammates: [{ name: one, prompt: Work. }]`,
    mate('one', probe),
    '--sandbox',
  );
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  const seen = await git(run.remote, 'show', 'teams/crew:seen.txt');
  expect(seen).toContain('PGDATA=/data/db');
  const [files = '', answer = ''] = seen.split('HTTP/1.1 ');
  expect(files).not.toMatch(/agentteam|workspace|anthropic|token/i);
  // The loopback and no other interface.
  expect(files).toMatch(/^1$/m);
  expect(answer).toMatch(/^401 Unauthorized/);
});

test('a sidecar that is never ready fails the step, and nothing is spent', async () => {
  const run = await start(
    `
environment:
  sidecars: [{ name: db, image: "localhost/busybox:test", args: [sleep, "600"], ports: [5432], readiness: { timeout: 1s } }]
teammates: [{ name: one, prompt: Work. }]
`,
    mate('one', 'true'),
    '--sandbox',
  );
  expect(run.outcome.exitCode).not.toBe(0);
  const { stdout } = await run.next('get', '--json');
  expect(stdout).toContain(
    'the sidecar db was not ready within 1 s: nothing listens on its port 5432',
  );
  expect(JSON.parse(stdout).status.estimatedCost).toBe('0.00');
});

test('what is missing for sidecars is said before anything is written', async () => {
  const spec = (image: string, more: string) =>
    `environment: { sidecars: [{ name: db, image: "${image}"${more} }] }\nteammates: [{ name: one, prompt: Work. }]`;
  const refusedWith = async (image: string, more: string, ...options: readonly string[]) => {
    const { outcome, run } = await start(spec(image, more), '', ...options);
    expect(outcome.exitCode).not.toBe(0);
    expect(existsSync(run)).toBe(false);
    return outcome.stderr;
  };
  const refused = (image: string, ...options: readonly string[]) =>
    refusedWith(image, '', ...options);
  const own = 'need agents in a sandbox with a network of its own';
  expect(await refused('localhost/busybox:test', '--no-sandbox')).toContain(own);
  expect(await refused('localhost/busybox:test', '--network', 'host')).toContain(own);
  expect(await refused('127.0.0.1:1/absent:1', '--sandbox')).toContain(
    'the image 127.0.0.1:1/absent:1 of the sidecar db cannot be pulled',
  );
  const missing = await refusedWith('localhost/busybox:test', ', command: [serve]', '--sandbox');
  expect(missing).toMatch(
    /the sidecar db cannot start in the image localhost\/busybox:test: .*"serve": executable file not found/,
  );
  expect(podman.call('ps', '--all', '--quiet')).toBe('');
});
