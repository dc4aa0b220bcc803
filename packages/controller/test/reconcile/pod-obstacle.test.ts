import { expect, test } from '@jest/globals';
import { obstacleOf, type Pod } from '../../src/reconcile/pod-obstacle.ts';

const metadata = { name: 'a-agent-writer-1', namespace: 'teams' };
const initContainers = ['setup', 'gateway', 'db'].map((name) => ({
  name,
  ...(name !== 'setup' && { restartPolicy: 'Always' }),
}));

/** A pod in which one container waits, and those after it with it. */
function pod(name: string, reason: string, message = '', more: object = {}): Pod {
  const stuck = { name, state: { waiting: { reason, message } }, ...more };
  const later = { name: 'main', state: { waiting: { reason: 'PodInitializing' } } };
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata },
    spec: { initContainers },
    status:
      name === 'main'
        ? { containerStatuses: [stuck] }
        : { initContainerStatuses: [stuck], containerStatuses: [later] },
  };
}
const warning = (reason: string, message: string, lastTimestamp: string) => ({
  ...{ apiVersion: 'v1', kind: 'Event', metadata, reason, message, lastTimestamp },
});

test('a pod whose containers wait for each other has no obstacle', () => {
  expect(obstacleOf(pod('setup', 'PodInitializing'), [])).toBeUndefined();
  expect(obstacleOf(pod('main', 'ContainerCreating'), [])).toBeUndefined();
});

test.each(['InvalidImageName', 'ErrImageNeverPull'])('a sidecar with %s never starts', (reason) => {
  expect(obstacleOf(pod('db', reason, 'no'), [])).toEqual({
    reason,
    message: `the sidecar db cannot start: ${reason}: no`,
    sidecar: 'db',
    isFinal: true,
    isCrash: false,
  });
});

test('a program that cannot be executed is final when the second try has failed', () => {
  const lastState = { terminated: { reason: 'StartError', message: 'exec: "x": not found' } };
  const after = (restartCount: number) =>
    obstacleOf(pod('db', 'CrashLoopBackOff', 'back-off', { lastState, restartCount }), []);
  expect(after(0)).toMatchObject({ isFinal: false });
  expect(after(1)).toMatchObject({
    isFinal: true,
    message: 'the sidecar db cannot start: StartError: exec: "x": not found',
  });
});

test('a sidecar that crashes may recover', () => {
  const lastState = { terminated: { reason: 'Error', message: '' } };
  expect(
    obstacleOf(pod('db', 'CrashLoopBackOff', 'back-off 10s', { lastState, restartCount: 3 }), []),
  ).toMatchObject({ sidecar: 'db', isFinal: false, isCrash: true });
});

test('between two attempts, a sidecar is terminated', () => {
  const terminated = (reason: string, more: object) => {
    const state = { terminated: { reason, ...more } };
    return obstacleOf(pod('db', '', '', { state, restartCount: 5 }), []);
  };
  expect(terminated('StartError', { message: 'not found', exitCode: 128 })).toMatchObject({
    message: 'the sidecar db cannot start: StartError: not found',
    ...{ isFinal: true, isCrash: false },
  });
  expect(terminated('Error', { exitCode: 3 })).toMatchObject({
    message: 'the sidecar db cannot start: Error: exit code 3',
    ...{ isFinal: false, isCrash: true },
  });
});

test('an init container that has ended is no obstacle', () => {
  const state = { terminated: { reason: 'Completed', exitCode: 0 } };
  expect(obstacleOf(pod('setup', '', '', { state }), [])).toBeUndefined();
});

test('the gateway and the agent are no sidecars of the team', () => {
  for (const name of ['gateway', 'main', 'setup']) {
    const obstacle = obstacleOf(pod(name, 'ErrImagePull', 'unauthorized'), []);
    expect(obstacle).toEqual({
      ...{ reason: 'ErrImagePull', message: 'ErrImagePull: unauthorized' },
      ...{ isFinal: false, isCrash: false },
    });
  }
});

test('the newest event that stops a pod explains it if its containers say nothing, in one bounded line', () => {
  const waiting = pod('main', 'ContainerCreating');
  const events = [
    warning('FailedMount', `secret "a"\nnot found ${'x'.repeat(1000)}`, '2026-01-01T00:00:02Z'),
    warning('FailedScheduling', 'no node', '2026-01-01T00:00:01Z'),
    // A pod starts in spite of these.
    warning('MissingClusterDNS', 'falling back to "Default" policy', '2026-01-01T00:00:03Z'),
    warning('DNSConfigForming', 'nameserver limits were exceeded', '2026-01-01T00:00:04Z'),
  ];
  const { message = '' } = obstacleOf(waiting, events) ?? {};
  expect(message).toMatch(/^FailedMount: secret "a" not found x+…$/);
  expect(message.length).toBeLessThan(600);
});

test('a sidecar that writes the message with which it ended controls nobody’s terminal', () => {
  const crash = pod('db', 'CrashLoopBackOff', 'back-off\u001b]0;owned\u0007 \u202efdp');
  expect(obstacleOf(crash, [])?.message).toBe(
    'the sidecar db cannot start: CrashLoopBackOff: back-off]0;owned fdp',
  );
});
