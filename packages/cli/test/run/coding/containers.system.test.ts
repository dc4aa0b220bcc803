import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type TestPodman, testPodman, toolsRoot } from '../../../../local/test/support/images.ts';
import { temporaryDirectories } from '../../temporary.ts';
import { CodingRun, git, mate, WAITING_LEAD } from './coding-run.ts';

const IMAGE = 'localhost/tools:test';
let podman: TestPodman;
let cache: string;
beforeAll(async () => {
  podman = testPodman();
  cache = await mkdtemp(join(tmpdir(), 'cache-'));
  const root = await mkdtemp(join(tmpdir(), 'root-'));
  podman.makeImage(IMAGE, toolsRoot(root), 'ENV PATH=/opt/tools:/bin', 'USER 0');
  podman.makeImage('localhost/empty:test', await emptyRoot(join(root, 'empty')));
  await rm(root, { recursive: true });
});
afterAll(async () => {
  podman.close();
  await rm(cache, { recursive: true, force: true });
});
const temporary = temporaryDirectories();

/** A root file system without a shell. */
async function emptyRoot(root: string): Promise<string> {
  await mkdir(join(root, 'data'), { recursive: true });
  return root;
}

const start = async (spec: string, agents: string, ...options: readonly string[]) =>
  CodingRun.start(
    await temporary(),
    { files: { 'a.txt': 'a\n' }, spec, agents: `${WAITING_LEAD}${agents}` },
    options,
    { ...podman.env, XDG_CACHE_HOME: cache },
  );

/** A team with one teammate, in which all agents have an image. */
const inImage = (image: string, more = '') =>
  `environment: { image: "${image}" }\nteammates: [{ name: one, prompt: Work. }]\n${more}`;

test('agents and quality gates use a program that only the image has', async () => {
  const gate = 'only-in-the-image a.txt';
  const run = await start(
    inImage(IMAGE, `qualityGates: { validationScript: "${gate}" }`),
    mate('one', 'only-in-the-image a.txt > sum.txt && git --version >> sum.txt'),
    '--containers',
  );
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  expect(await git(run.remote, 'show', 'teams/crew:sum.txt')).toMatch(
    /^87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7 {2}a.txt\ngit version /,
  );
  expect(run.outcome.stderr).not.toContain('Agents use the programs of this machine');
  expect(podman.call('ps', '--all', '--quiet')).toBe('');
  const [runtime = ''] = readdirSync(join(cache, 'agentteam'));
  expect(runtime).toMatch(/^runtime-/);
  expect(statSync(join(cache, 'agentteam', runtime)).mode & 0o777).toBe(0o700);
});

test('a hostile agent finds no file of the machine, no other agent and no credential', async () => {
  const secret = join(await temporary(), 'secret-of-the-owner');
  await writeFile(secret, 'x');
  const probe = [
    'exec > seen.txt 2>&1',
    'id -u; grep -E "^(CapEff|CapBnd|NoNewPrivs):" /proc/self/status',
    'grep -c : /proc/net/dev',
    `ls '${secret}' '${process.cwd()}' /root /home`,
    'ls /workspace/repository/trees /run/secrets /var/lib/agentteam',
    'env; cat /proc/*/environ | tr "\\0" "\\n"',
    'touch /new /bin/new /opt/agentteam/new /run/new /run/agentteam/new /var/tmp/new',
    'unshare -U true; mount -t tmpfs none /tmp; cat /etc/hosts /etc/resolv.conf',
    'echo kernel:$(cat /proc/vmallocinfo /proc/slabinfo /proc/mtrr /sys/fs/cgroup/*/tasks 2> /dev/null | wc -c)',
    'PORT=$(echo $ANTHROPIC_BASE_URL | cut -d : -f 3)',
    'printf "GET /v1/models HTTP/1.0\\r\\n\\r\\n" | nc 127.0.0.1 $PORT',
    'true',
  ].join('\n');
  const run = await start(inImage(IMAGE), mate('one', probe), '--containers', 'podman');
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  const seen = await git(run.remote, 'show', 'teams/crew:seen.txt');
  expect(seen).toMatch(/^1000$/m);
  expect(seen).toMatch(/^CapEff:\s0+$/m);
  expect(seen).toMatch(/^CapBnd:\s0+$/m);
  expect(seen).toMatch(/^NoNewPrivs:\s1$/m);
  // The loopback and no other interface.
  expect(seen).toMatch(/^1$/m);
  expect(seen).toContain(`ls: ${secret}: No such file or directory`);
  expect(seen).toContain(`ls: ${process.cwd()}: No such file or directory`);
  expect(seen).toContain('ls: /run/secrets: No such file or directory');
  // Its own worktree and no other.
  expect(seen).toMatch(/^\/workspace\/repository\/trees:\none\n/m);
  for (const path of ['/new', '/bin/new', '/opt/agentteam/new', '/run/new', '/run/agentteam/new']) {
    expect(seen).toContain(`touch: ${path}: Read-only file system`);
  }
  expect(seen).toMatch(/^unshare: .*Operation not permitted/m);
  expect(seen).toMatch(/^mount: .*(denied|not permitted)/m);
  expect(seen).toMatch(/^kernel:0$/m);
  expect(seen).not.toMatch(/sk-ant|rehearsed-hosting-token/);
  expect(seen).toContain('HTTP/1.1 401 Unauthorized');
});

test('an image without a shell fails the step, and nothing is spent', async () => {
  const run = await start(inImage('localhost/empty:test'), mate('one', 'true'), '--containers');
  expect(run.outcome.exitCode).not.toBe(0);
  const { stdout } = await run.next('get', '--json');
  expect(stdout).toContain('The image localhost/empty:test has no /bin/sh.');
  expect(JSON.parse(stdout).status.estimatedCost).toBe('0.00');
});

test('what is missing for images is said before anything is written', async () => {
  const refused = async (image: string, ...options: readonly string[]) => {
    const { outcome, run } = await start(inImage(image), '', ...options);
    expect(outcome.exitCode).not.toBe(0);
    expect(existsSync(run)).toBe(false);
    return outcome.stderr;
  };
  expect(await refused(IMAGE, '--containers', 'docker')).toContain(
    'docker cannot run agents for root',
  );
  expect(await refused(IMAGE, '--containers', '--no-sandbox')).toContain(
    '--containers and --no-sandbox exclude each other',
  );
  expect(await refused(IMAGE, '--containers', '--network', 'host')).toContain(
    'agents in images need a network of their own',
  );
  expect(await refused('127.0.0.1:1/absent:1', '--containers')).toContain(
    'the image 127.0.0.1:1/absent:1 of an agent cannot be pulled',
  );
});
