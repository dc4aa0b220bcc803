import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ENV } from '@agentteam/contract';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Certificate, makeCertificate } from '../support/certificate.ts';
import { type GitHttpServer, serveGit } from '../support/git-http-server.ts';
import { serveGitHub } from '../support/github-server.ts';
import { mountSecret } from '../support/secret.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { type SshServer, startSshd } from '../support/ssh-server.ts';
import { codingSpec, makePlace } from '../support/team.ts';
import { step, wholeWay } from '../support/whole-way.ts';

/** Unique to this file, because processes of other tests are inspected as well. */
const TOKEN = `ghp_${randomUUID()}`;
const WATCH = fileURLToPath(new URL('../support/watch-processes.ts', import.meta.url));
const NODE = ['--conditions=source', '--disable-warning=ExperimentalWarning'];

/** Shell commands that wait until all running processes were inspected. */
const untilSeen = () => `: > "${waiting}/$$"; while [ -e "${waiting}/$$" ]; do sleep 0.05; done`;

let served: string;
/** Programs that wait until they were inspected, and the directory in which they say so. */
let held: string;
let waiting: string;
/** Whether a test inspects processes. */
let watching = false;
let certificate: Certificate;
let https: GitHttpServer;
let ssh: SshServer;
beforeAll(async () => {
  served = (await temporaryDirectory()).replaceAll(' ', '-');
  await mkdir(join(served, 'acme'), { recursive: true });
  await makeRepository(join(served, 'source'), { 'a.txt': 'one\n' });
  await shell(served, 'git clone --quiet --bare source acme/backend.git');
  certificate = await makeCertificate();
  https = await serveGit(served, `x-access-token:${TOKEN}`, { certificate });
  ssh = await startSshd();
  // These end too soon to be inspected reliably, but their parents live as long as they do.
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

/** Puts the waiting programs first in the PATH of the inspected processes. */
const seeable = (): NodeJS.ProcessEnv =>
  watching ? { PATH: `${held}:${process.env['PATH']}` } : {};
const bare = () => join(served, 'acme/backend.git');

test('a token for https is in no process’s arguments or environment', async () => {
  const seen = await watched(
    [TOKEN, Buffer.from(`x-access-token:${TOKEN}`).toString('base64')],
    () =>
      wholeWay('two', {
        bare: bare(),
        url: `${https.url}/acme/backend.git`,
        secret: { token: TOKEN, 'ca.crt': certificate.authority },
        env: seeable,
      }),
  );
  expect(seen.programs).toEqual(expect.arrayContaining(['git-remote-https', 'sh', 'tr', 'git']));
  expect(seen.found).toEqual([]);
});

test('`ca.crt` is also trusted for the hosting service’s REST API', async () => {
  const hosting = await serveGitHub('acme/backend', TOKEN, '', certificate);
  try {
    await wholeWay('four', {
      bare: bare(),
      url: `${https.url}/acme/backend.git`,
      secret: { token: TOKEN, 'ca.crt': certificate.authority },
      delivery: {
        onComplete: 'create-pr',
        pullRequest: { title: 'Work of the team auth', reviewers: [], labels: [] },
      },
      env: () => ({ [ENV.hostingUrl]: hosting.url }),
    });
    expect(hosting.pulls).toHaveLength(1);
  } finally {
    await hosting.close();
  }
});

test('an SSH key is in no process’s arguments or environment', async () => {
  // Search for each line of the key.
  const lines = ssh.key.split('\n').filter((line) => line.length > 40);
  const seen = await watched(lines, () =>
    wholeWay('three', {
      bare: bare(),
      url: `${ssh.url}${served}/acme/backend.git`,
      secret: { 'ssh-privatekey': ssh.key, known_hosts: ssh.knownHosts },
      env: seeable,
    }),
  );
  expect(seen.programs).toEqual(expect.arrayContaining(['ssh', 'git']));
  expect(seen.found).toEqual([]);
});

test('the inspection finds secrets in arguments and in environments', async () => {
  const seen = await watched([TOKEN], async () => {
    await shell('/', untilSeen(), { TOKEN });
    await shell('/', `sh -c '${untilSeen()}' ${TOKEN}`);
  });
  expect(seen.found).toEqual(expect.arrayContaining(['environment of bash', 'arguments of sh']));
});

test('a host with an untrusted certificate gets nothing, and the error names the remedy', async () => {
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
