import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { identify, killAll, terminate } from '../../src/pod/processes.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const { pid, stdout } of started.splice(0)) {
    // Its descendants would keep its output open, and the test would not end.
    stdout?.destroy();
    if (pid === undefined) continue;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      expect(error).toMatchObject({ code: 'ESRCH' });
    }
  }
});

/** Starts a process that runs until it is ended. Resolves when it is running. */
async function start(script: string, env: Record<string, string> = {}): Promise<ChildProcess> {
  const child = spawn('/bin/sh', ['-c', script], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: '/usr/bin:/bin', ...env },
  });
  started.push(child);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

const LIVE = 'echo here; sleep 600';

function identityOf(child: ChildProcess) {
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('the process is gone');
  return identity;
}

test('a supervisor is killed together with its descendants', async () => {
  const child = await start('sleep 600 & echo here; wait');
  const ended = once(child, 'close');
  await killAll({ directories: [], supervisors: [identityOf(child)] });
  // Its output closes when the last process that holds it has ended.
  await ended;
  expect(child.signalCode).toBe('SIGKILL');
});

test('a process that has reused the id of a supervisor is not killed', async () => {
  const stranger = await start(LIVE);
  const { pid } = identityOf(stranger);
  await killAll({ directories: [], supervisors: [{ pid, startedAt: '1' }] });
  expect(identify(pid)).toBeDefined();
});

test('all processes of a pod are found in any process group, and no others', async () => {
  const pod = await start(LIVE, { AGENTTEAM_ROOT: '/runs/one/pods/a/main' });
  const escaped = await start('setsid sleep 600 & echo here', {
    AGENTTEAM_ROOT: '/runs/one/pods/a/main',
  });
  // `claude` after the runner that started it was killed.
  const orphan = await start(LIVE, { HOME: '/runs/one/pods/a/volumes/home' });
  const neighbour = await start(LIVE, { AGENTTEAM_ROOT: '/runs/one/pods/ab/main' });
  // A shell in which the user looks at a pod's files.
  const reader = await start(LIVE, { PWD: '/runs/one/pods/a/main' });
  const gone = [pod, escaped, orphan].map((child) => once(child, 'close'));
  await killAll({ directories: ['/runs/one/pods/a'], supervisors: [] });
  await Promise.all(gone);
  expect(identify(neighbour.pid ?? 0)).toBeDefined();
  expect(identify(reader.pid ?? 0)).toBeDefined();
});

const NEVER = new AbortController().signal;

test('SIGTERM goes to the program below the supervisor shell', async () => {
  const child = await start(
    `sh -c 'trap "echo terminated; exit 5" TERM; echo here; while :; do sleep 0.02; done'; exit $?`,
  );
  const output = once(child.stdout as NodeJS.ReadableStream, 'data');
  const ended = once(child, 'exit');
  await terminate(child.pid ?? 0, NEVER);
  expect(String(await output)).toBe('terminated\n');
  expect(await ended).toEqual([5, null]);
});

test('SIGTERM waits for the program of a supervisor that has just started', async () => {
  const child = await start('trap : TERM; echo here; read -r _; sleep 9');
  const ended = once(child, 'exit');
  const terminated = terminate(child.pid ?? 0, NEVER);
  child.stdin?.write('\n');
  await terminated;
  expect(await ended).toEqual([143, null]);
});
