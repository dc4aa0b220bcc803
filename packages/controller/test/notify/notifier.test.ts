import { afterAll, expect, test } from '@jest/globals';
import { Notifier, type PendingNotification } from '../../src/notify/notifier.ts';

const ending = new AbortController();
afterAll(() => ending.abort());

const pending = (id: string, characters: number): PendingNotification => ({
  event: 'deliver',
  channel: { kind: 'webhook', url: 'https://hooks.example/' },
  notification: {
    schema: 'agentteam/notification',
    version: 1,
    id,
    event: 'approval-required',
    at: '2026-12-01T00:00:00Z',
    team: id,
    namespace: 'hostile',
    message: 'x'.repeat(characters),
    data: {},
  },
});

test('receivers that do not reply keep no more than a share of memory, and others are notified', async () => {
  const sent = Promise.withResolvers<string>();
  const notifier = new Notifier({
    // As a receiver that never replies does.
    deliver: ({ notification }, signal) =>
      notification.id === 'calm'
        ? Promise.resolve()
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    onSent: sent.resolve,
    onRefused: () => {},
    onRetry: () => {},
  });
  const work = notifier.run(ending.signal);
  const hold = (index: number) =>
    notifier.setPending(`hostile/t${index}`, [pending(`t${index}`, 1 << 20)]);
  const indices = Array.from({ length: 100 }, (_, index) => index);
  expect(indices.filter(hold).length).toBeLessThanOrEqual(16);
  expect(notifier.setPending('calm/team', [pending('calm', 1 << 20)])).toBe(true);
  expect(await sent.promise).toBe('calm/team');
  expect(hold(99)).toBe(false);
  for (const index of indices) notifier.setPending(`hostile/t${index}`, []);
  expect(hold(99)).toBe(true);
  notifier.forget('hostile/t99');
  expect(indices.filter(hold).length).toBeGreaterThan(10);
  ending.abort();
  await work;
});
