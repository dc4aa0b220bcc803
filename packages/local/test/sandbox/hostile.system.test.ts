import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';

interface Result {
  readonly tried: readonly string[];
  readonly achieved: readonly string[];
  readonly works: Readonly<Record<string, unknown>>;
}

/** An id that no user has: whoever it is may do what everybody may. */
const SOMEBODY = 54_321;

/** Who runs the engine. Only root can be somebody else. */
const users =
  process.getuid?.() === 0
    ? [
        ['root', 0],
        ['an unprivileged user', SOMEBODY],
      ]
    : [['an unprivileged user', process.getuid?.() ?? SOMEBODY]];

let place: string;
let other: ChildProcess;
let servers: readonly Server[];
let targets: Readonly<Record<string, unknown>>;

/** A machine with something to find on it. */
beforeAll(async () => {
  // Not in anybody's home: an unprivileged user has to get there. Programs are there for the same reason.
  place = mkdtempSync('/var/tmp/agentteam sandbox-');
  chmodSync(place, 0o755);
  const programs = join(place, 'programs');
  mkdirSync(programs);
  try {
    linkSync(process.execPath, join(programs, 'node'));
  } catch {
    // On another file system.
    copyFileSync(process.execPath, join(programs, 'node'));
  }
  await build({
    entryPoints: [fileURLToPath(new URL('engine.ts', import.meta.url))],
    outfile: join(programs, 'engine.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['source'],
    logLevel: 'warning',
  });
  const secret = join(place, 'secret');
  writeFileSync(secret, 'of a user', { mode: 0o644 });
  other = spawn('sleep', ['600'], {
    argv0: 'other-process',
    env: { OF_ANOTHER_PROCESS: '1' },
    stdio: 'ignore',
  });
  const abstract = `agentteam-test-${process.pid}`;
  const socket = join(place, 'socket');
  const everywhere = createServer((client) => client.end());
  everywhere.listen(0, '::');
  servers = [everywhere, createServer().listen(`\0${abstract}`), createServer().listen(socket)];
  await Promise.all(servers.map((server) => server.listening || once(server, 'listening')));
  chmodSync(socket, 0o777);
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address);
  targets = {
    pid: other.pid,
    port: (everywhere.address() as AddressInfo).port,
    addresses,
    abstract,
    socket,
    secret,
    sshKey: existsSync('/etc/ssh/ssh_host_rsa_key') ? '/etc/ssh/ssh_host_rsa_key' : '/etc/gshadow',
    // TEST-NET-1's gateway, a cloud's metadata and the like: whatever it is, it is outside.
    outside: '169.254.169.254',
    authorities: existsSync('/etc/ssl/certs'),
  };
});

afterAll(() => {
  other.kill();
  for (const server of servers) server.close();
  rmSync(place, { recursive: true, force: true });
});

/** The agent's own directory, with the attack and its targets in it. */
function claimOf(directory: string, own: string): string {
  const claim = join(directory, 'claim');
  mkdirSync(claim, { recursive: true });
  copyFileSync(fileURLToPath(new URL('attack.mjs', import.meta.url)), join(claim, 'attack.mjs'));
  writeFileSync(join(claim, 'targets.json'), JSON.stringify({ ...targets, own: own || claim }));
  return claim;
}

const resultIn = (claim: string): Result =>
  JSON.parse(readFileSync(join(claim, 'result.json'), 'utf8')) as Result;

/** A program as a user of this machine, with no group but its own. */
function runAs(uid: number, command: readonly string[]): string {
  const become = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'];
  const [program = '', ...args] = uid === process.getuid?.() ? command : [...become, ...command];
  // TERM too: a session of its own has no terminal, and finds none.
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', cwd: '/' });
  if (status !== 0) throw new Error(`${program}: exit code ${status}: ${stdout}${stderr}`);
  return stdout;
}

describe.each(users)('a hostile agent of %s', (name, uid) => {
  let directory: string;
  let result: Result;

  beforeAll(() => {
    directory = mkdtempSync(join(place, 'user-'));
    claimOf(directory, '/own');
    spawnSync('chown', ['-R', `${uid}:${uid}`, directory]);
    runAs(Number(uid), [
      join(place, 'programs/node'),
      join(place, 'programs/engine.mjs'),
      directory,
    ]);
    const ended = readFileSync(join(directory, 'ended.json'), 'utf8');
    expect(JSON.parse(ended)).toEqual({ phase: 'Succeeded' });
    result = resultIn(join(directory, 'claim'));
  });

  test('gets nowhere with anything that it tries', () => {
    expect(result.tried.length).toBeGreaterThan(40);
    expect(result.achieved).toEqual([]);
  });

  test('has what its work needs', () => {
    expect(result.works).toEqual({
      'its own server on 127.0.0.1': true,
      'its own server on ::1': true,
      'the time zone and authorities': true,
      'a shell with its name': 'agent',
      'the count of processors': true,
      pids: expect.any(Number),
    });
    expect(result.works['pids']).toBeLessThan(5);
  });

  test('succeeds without the sandbox, so the attacks are real', () => {
    const outside = claimOf(join(directory, 'outside'), '');
    spawnSync('chown', ['-R', `${uid}:${uid}`, outside]);
    runAs(Number(uid), [
      join(place, 'programs/node'),
      join(outside, 'attack.mjs'),
      join(outside, 'targets.json'),
      join(outside, 'result.json'),
    ]);
    const { achieved } = resultIn(outside);
    expect(achieved).toEqual(
      expect.arrayContaining([
        "a user's file can be read",
        'users of the machine are known',
        'other processes are seen',
        'localhost answers over IPv4',
        'localhost answers over IPv6',
        'an abstract socket of the machine answers',
        'a socket in a directory of the machine answers',
        '/sys is there',
        ...(name === 'root' ? AS_ROOT : []),
      ]),
    );
  });
});

/** What root can do on any machine, in a container's, too. */
const AS_ROOT = [
  'core_pattern can be written',
  'a kernel setting can be written',
  '/etc/shadow can be read',
  '/etc/shadow can be read through a link',
  'the environment of another process can be read',
  'another process can be signalled',
  'memory of the kernel can be read',
  'a file of the system can be written',
  'it is root',
  'it becomes root',
  'it has capabilities',
  'setuid programs work',
];
