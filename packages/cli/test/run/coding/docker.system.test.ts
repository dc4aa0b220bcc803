import { chownSync, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type TestDocker, testDocker } from '../../../../local/test/support/docker.ts';
import { toolsRoot } from '../../../../local/test/support/images.ts';
import { temporaryDirectories } from '../../temporary.ts';
import { CodingRun, git, mate, WAITING_LEAD } from './coding-run.ts';

const IMAGE = 'localhost/tools:test';
/** The user who runs the teams. It has no entry in /etc/passwd. */
const USER = 12345;
let docker: TestDocker;
let home: string;
beforeAll(async () => {
  docker = await testDocker();
  home = await mkdtemp(join(tmpdir(), 'home-'));
  chownSync(home, USER, USER);
  await mkdir(join(home, '.docker'));
  const proxy = 'http://user:secret@proxy.example:3128';
  const config = { proxies: { default: { httpProxy: proxy, httpsProxy: proxy } } };
  await writeFile(join(home, '.docker/config.json'), JSON.stringify(config));
  const root = await mkdtemp(join(tmpdir(), 'root-'));
  const check = 'HEALTHCHECK --interval=1s CMD touch /workspace/repository/trees/one/checked';
  docker.makeImage(IMAGE, toolsRoot(root), 'ENV PATH=/opt/tools:/bin', 'USER 0', check);
  await rm(root, { recursive: true });
});
afterAll(async () => {
  await docker.close();
  await rm(home, { recursive: true, force: true });
});
const temporary = temporaryDirectories();

const env = () => ({
  ...docker.env,
  DOCKER_CONFIG: join(home, '.docker'),
  HTTPS_PROXY: 'http://user:secret@proxy.example:3128',
  XDG_CACHE_HOME: join(home, 'cache'),
});
const start = async (spec: string, agents: string, ...options: readonly string[]) =>
  CodingRun.start(
    await temporary(),
    { files: { 'a.txt': 'a\n' }, spec, agents: `${WAITING_LEAD}${agents}` },
    options,
    env(),
    USER,
  );
const show = (repository: string, file: string) =>
  git(repository, '-c', 'safe.directory=*', 'show', `teams/crew:${file}`);

const list = async (repository: string) =>
  (await git(repository, '-c', 'safe.directory=*', 'ls-tree', '--name-only', 'teams/crew')).split(
    '\n',
  );

/** A server that says who it is. */
const FACTS =
  'id -u; touch /data/new && echo written; env | grep -ci proxy; grep -c : /proc/net/dev';
const SIDECAR = `
    - name: db
      image: ${IMAGE}
      command: [nc, -ll, -p, "5432", -e, /bin/sh, -c, ${JSON.stringify(FACTS)}]
      runAsUser: 70
      writable: [/data]
      ports: [5432]
`;
const team = (more = '') => `
environment:
  image: ${IMAGE}
  sidecars:${SIDECAR}
teammates: [{ name: one, prompt: Work. }]
${more}`;

test('agents, sidecars and quality gates run in docker, where a hostile agent finds nothing of the machine', async () => {
  const probe = [
    'exec > seen.txt 2>&1',
    'id -u; id -un; only-in-the-image a.txt; git --version',
    'echo "sidecar: $(nc 127.0.0.1 5432 < /dev/null | tr "\\n" " ")"',
    'grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status',
    'echo "interfaces: $(grep -c : /proc/net/dev)"',
    `ls '${process.cwd()}' '${home}' /root; ls /workspace/repository/trees /run/secrets`,
    'env; cat /proc/*/environ | tr "\\0" "\\n"',
    'touch /new /bin/new /opt/agentteam/new /run/new /run/agentteam/new',
    'unshare -U true; mount -t tmpfs none /tmp; cat /etc/hosts',
    'PORT=$(echo $ANTHROPIC_BASE_URL | cut -d : -f 3)',
    'printf "GET /v1/models HTTP/1.0\\r\\n\\r\\n" | nc 127.0.0.1 $PORT',
    'true',
  ].join('\n');
  const run = await start(
    team('qualityGates: { validationScript: only-in-the-image a.txt }'),
    mate('one', probe),
    ...['--containers', 'docker'],
  );
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  const seen = await show(run.remote, 'seen.txt');
  expect(seen).toMatch(/^12345\nagent\n87428fc52[0-9a-f]+ {2}a.txt\ngit version /);
  expect(seen).toContain('sidecar: 70 written 0 1 ');
  expect(seen).toMatch(/^CapEff:\s0+\nCapBnd:\s0+\nNoNewPrivs:\s1\nSeccomp:\s2$/m);
  expect(seen).toMatch(/^interfaces: 1$/m);
  for (const path of [process.cwd(), home, '/root', '/run/secrets']) {
    expect(seen).toContain(`ls: ${path}: No such file or directory`);
  }
  expect(seen).toMatch(/^\/workspace\/repository\/trees:\none\n/m);
  for (const path of ['/new', '/bin/new', '/opt/agentteam/new', '/run/new', '/run/agentteam/new']) {
    expect(seen).toContain(`touch: ${path}: Read-only file system`);
  }
  expect(seen).toMatch(/^unshare: .*Operation not permitted/m);
  expect(seen).toMatch(/^mount: .*(denied|not permitted)/m);
  expect(seen).toContain('127.0.0.1 localhost agent');
  expect(seen).not.toMatch(/sk-ant|rehearsed-hosting-token|user:secret/);
  expect(seen).toContain('HTTP/1.1 401 Unauthorized');
  expect(await list(run.remote)).toEqual(['a.txt', 'seen.txt']);
  expect(docker.call('ps', '--all', '--quiet')).toBe('');
  expect(docker.call('volume', 'ls', '--quiet')).toBe('');
});

test('agents in docker end with a killed engine, and the run is resumed in docker', async () => {
  const cwd = await temporary();
  const begun = join(cwd, '.agentteam/crew/volumes/team/repository/trees/one/begun');
  const work = '[ -e begun ] || { touch begun; sleep 600; }; echo done > done.txt';
  const running = CodingRun.start(
    cwd,
    { files: { 'a.txt': 'a\n' }, spec: team(), agents: `${WAITING_LEAD}${mate('one', work)}` },
    ['--containers', 'docker'],
    env(),
    USER,
  );
  while (!existsSync(begun)) await delay(50);
  expect(docker.call('ps', '--quiet')).not.toBe('');
  process.kill(engineOf(cwd), 'SIGKILL');
  const run = await running;
  while (docker.call('ps', '--all', '--quiet') !== '') await delay(50);
  expect(await run.next('resume')).toMatchObject({ exitCode: 0 });
  expect(await show(run.remote, 'done.txt')).toBe('done');
  expect(docker.call('ps', '--all', '--quiet')).toBe('');
});

/** The process that runs the team in a directory. */
function engineOf(cwd: string): number {
  const isEngine = (pid: string): boolean => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return readlinkSync(`/proc/${pid}/cwd`) === cwd && command.includes('\0run\0team.yaml\0');
    } catch {
      // The process has ended.
      return false;
    }
  };
  return Number(readdirSync('/proc').filter(Number).find(isEngine));
}

test('what docker cannot do is said before anything is written', async () => {
  const refused = async (spec: string) => {
    const { outcome, run } = await start(spec, '', '--containers', 'docker');
    expect(outcome.exitCode).not.toBe(0);
    expect(existsSync(run)).toBe(false);
    return outcome.stderr;
  };
  const withoutImage = `
environment: { sidecars: [{ name: db, image: x, ports: [1] }] }
teammates: [{ name: one, prompt: Work., environment: { image: ${IMAGE} } }]
`;
  expect(await refused(withoutImage)).toContain('the agent lead has sidecars and no image');
  const broken = team().replace('command: [nc,', 'command: [/no/program,');
  expect(await refused(broken)).toMatch(
    /the sidecar db cannot start in the image localhost\/tools:test: .*\/no\/program/,
  );
  const { outcome } = await CodingRun.start(
    await temporary(),
    { files: {}, spec: team(), agents: WAITING_LEAD },
    ['--containers', 'docker'],
    { ...env(), DOCKER_HOST: 'unix:///nowhere/docker.sock' },
    USER,
  );
  expect(outcome.stderr).toMatch(/✗ docker does not work here: .*\/nowhere\/docker.sock/);
});
