import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ENV, LEAD } from '@agentteam/contract';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commitLeftovers, consolidate, openRepository } from '../../src/git/index.ts';
import { type Certificate, makeCertificate } from '../support/certificate.ts';
import { type GitHttpServer, serveGit } from '../support/git-http-server.ts';
import { serveGitHub } from '../support/github-server.ts';
import { mountSecret } from '../support/secret.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { type SshServer, startSshd } from '../support/ssh-server.ts';
import { codingSpec, makePlace, never, type Place, withSpec } from '../support/team.ts';

const TOKEN = 'ghp_a-token-that-must-not-be-seen';
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const WATCH = fileURLToPath(new URL('../support/watch-processes.ts', import.meta.url));
const NODE = ['--conditions=source', '--disable-warning=ExperimentalWarning'];

/** Commands of a shell that wait until all that runs has been looked at. */
const untilSeen = () => `: > "${waiting}/$$"; while [ -e "${waiting}/$$" ]; do sleep 0.05; done`;

let served: string;
/** Programs that wait until they were seen, and where they say that they do. */
let held: string;
let waiting: string;
/** Whether anybody looks. */
let watching = false;
let certificate: Certificate;
let https: GitHttpServer;
let ssh: SshServer;
/** Of the REST API that `deliver` is told of. */
let hostingUrl: string | undefined;
beforeAll(async () => {
  served = (await temporaryDirectory()).replaceAll(' ', '-');
  await mkdir(join(served, 'acme'), { recursive: true });
  await makeRepository(join(served, 'source'), { 'a.txt': 'one\n' });
  await shell(served, 'git clone --quiet --bare source acme/backend.git');
  certificate = await makeCertificate();
  https = await serveGit(served, `x-access-token:${TOKEN}`, { certificate });
  ssh = await startSshd();
  // These live too shortly to be seen each time, and what started them lives as long as they do.
  held = await temporaryDirectory();
  waiting = await temporaryDirectory();
  for (const program of ['tr', 'ssh']) {
    const real = await shell('/', `command -v ${program}`);
    await writeFile(join(held, program), `#!/bin/sh\n${untilSeen()}\nexec ${real} "$@"\n`);
    await chmod(join(held, program), 0o755);
  }
});
afterAll(async () => {
  await https.close();
  await ssh.close();
});

interface Seen {
  readonly programs: readonly string[];
  readonly found: readonly string[];
}

/** What can be seen of processes while `work` runs. */
async function watched(wanted: readonly string[], work: () => Promise<void>): Promise<Seen> {
  const watcher = spawn(process.execPath, [...NODE, WATCH, waiting], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  watcher.stdin.write(`${JSON.stringify(wanted)}\n`);
  await once(watcher.stdout, 'data');
  const output = text(watcher.stdout);
  watching = true;
  await work().finally(() => {
    watching = false;
    watcher.stdin.end();
  });
  return JSON.parse(await output) as Seen;
}

/** Runs a step as its container does. */
async function step(
  command: string,
  place: Place,
  spec: object,
): Promise<{ code: number | null; log: string }> {
  const env = {
    ...withSpec(place, spec),
    PATH: watching ? `${held}:${process.env['PATH']}` : process.env['PATH'],
    [ENV.hostingUrl]: hostingUrl,
  };
  const child: ChildProcess = spawn(process.execPath, [...NODE, MAIN, command], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, log: out + err };
}

/** Clones, changes something, and delivers it. */
async function wholeWay(
  url: string,
  secret: Readonly<Record<string, string>>,
  change: string,
  delivery: object = { onComplete: 'push-branch' },
) {
  const place = await makePlace();
  await mountSecret(place, 'git', secret);
  const spec = codingSpec(url, { api: {} });
  expect(await step('setup', place, spec)).toMatchObject({ code: 0 });
  const repository = await openRepository(place.root, spec);
  await shell(join(repository.trees, 'api'), `echo ${change} > a.txt`);
  await commitLeftovers(repository, 'api', 'api', never);
  await consolidate(repository, join(place.volume, 'sessions', LEAD), never);
  expect(await step('deliver', place, { ...spec, ...delivery })).toMatchObject({ code: 0 });
  expect(await shell(served, 'git -C acme/backend.git show teams/auth:a.txt')).toBe(change);
}

test('a token over https is in nobody’s arguments or environment', async () => {
  const seen = await watched(
    [TOKEN, Buffer.from(`x-access-token:${TOKEN}`).toString('base64')],
    () =>
      wholeWay(
        `${https.url}/acme/backend.git`,
        { token: TOKEN, 'ca.crt': certificate.authority },
        'two',
      ),
  );
  expect(seen.programs).toEqual(expect.arrayContaining(['git-remote-https', 'sh', 'tr', 'git']));
  expect(seen.found).toEqual([]);
});

test('`ca.crt` vouches for the REST API beside the repository as well', async () => {
  const hosting = await serveGitHub('acme/backend', TOKEN, '', certificate);
  const secret = { token: TOKEN, 'ca.crt': certificate.authority };
  try {
    hostingUrl = hosting.url;
    await wholeWay(`${https.url}/acme/backend.git`, secret, 'four', { onComplete: 'create-pr' });
    expect(hosting.pulls).toHaveLength(1);
  } finally {
    hostingUrl = undefined;
    await hosting.close();
  }
});

test('a key over ssh is in nobody’s arguments or environment', async () => {
  // Any line of it gives it away.
  const lines = ssh.key.split('\n').filter((line) => line.length > 40);
  const seen = await watched(lines, () =>
    wholeWay(
      `${ssh.url}${served}/acme/backend.git`,
      { 'ssh-privatekey': ssh.key, known_hosts: ssh.knownHosts },
      'three',
    ),
  );
  expect(seen.programs).toEqual(expect.arrayContaining(['ssh', 'git']));
  expect(seen.found).toEqual([]);
});

test('what is in an argument or in an environment is seen', async () => {
  const seen = await watched([TOKEN], async () => {
    await shell('/', untilSeen(), { TOKEN });
    await shell('/', `sh -c '${untilSeen()}' ${TOKEN}`);
  });
  expect(seen.found).toEqual(expect.arrayContaining(['environment of bash', 'arguments of sh']));
});

test('a host whose certificate nobody known vouches for is sent nothing, and the way out is named', async () => {
  const place = await makePlace();
  await mountSecret(place, 'git', { token: TOKEN });
  const before = https.authorizations.length;
  const { code, log } = await step(
    'setup',
    place,
    codingSpec(`${https.url}/acme/backend.git`, { api: {} }),
  );
  expect(code).toBe(68);
  expect(log).toContain('`ca.crt`');
  expect(https.authorizations).toHaveLength(before);
});
