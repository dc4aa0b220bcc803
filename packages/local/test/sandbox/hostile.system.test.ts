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

/** An id that no user has, so it has no permissions of its own. */
const UNPRIVILEGED = 54_321;

/** The users who run the engine. Only root can start a process of another user. */
const users =
  process.getuid?.() === 0
    ? [
        ['root', 0],
        ['an unprivileged user', UNPRIVILEGED],
      ]
    : [['an unprivileged user', process.getuid?.() ?? UNPRIVILEGED]];

let place: string;
let other: ChildProcess;
let servers: readonly Server[];
let targets: Readonly<Record<string, unknown>>;

/** Creates the targets of the attacks on this machine. */
beforeAll(async () => {
  // An unprivileged user must be able to reach this place, so it is not below a home directory.
  place = mkdtempSync('/var/tmp/agentteam sandbox-');
  chmodSync(place, 0o755);
  const programs = join(place, 'programs');
  mkdirSync(programs);
  try {
    linkSync(process.execPath, join(programs, 'node'));
  } catch {
    // The place is on another file system.
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
    // The metadata service of clouds: an address outside of this machine.
    outside: '169.254.169.254',
    authorities: existsSync('/etc/ssl/certs'),
  };
});

afterAll(() => {
  other.kill();
  for (const server of servers) server.close();
  rmSync(place, { recursive: true, force: true });
});

/** Creates the agent's directory with the attack and its targets. */
function claimOf(directory: string, own: string): string {
  const claim = join(directory, 'claim');
  mkdirSync(claim, { recursive: true });
  copyFileSync(fileURLToPath(new URL('attack.mjs', import.meta.url)), join(claim, 'attack.mjs'));
  writeFileSync(join(claim, 'targets.json'), JSON.stringify({ ...targets, own: own || claim }));
  return claim;
}

const resultIn = (claim: string): Result =>
  JSON.parse(readFileSync(join(claim, 'result.json'), 'utf8')) as Result;

/** Runs a program as a user of this machine who is in no other group. */
function runAs(uid: number, command: readonly string[]): string {
  const become = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'];
  const [program = '', ...args] = uid === process.getuid?.() ? command : [...become, ...command];
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

  test('fails with every attack', () => {
    expect(result.tried.length).toBeGreaterThan(40);
    expect(result.achieved).toEqual([]);
  });

  test('has what an agent needs for its work', () => {
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

/** Attacks with which root succeeds on any machine, including a container. */
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
