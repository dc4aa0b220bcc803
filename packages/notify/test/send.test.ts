import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ApiServer, serveApi } from '../../runner/test/support/api-server.ts';
import { deliver, type Senders } from '../src/deliver.ts';
import type { Notification } from '../src/notification.ts';
import {
  assertPublicHost,
  isPrivateAddress,
  lookupPublic,
  PrivateTargetError,
} from '../src/public-address.ts';

const never = new AbortController().signal;
const NOTIFICATION: Notification = {
  schema: 'agentteam/notification',
  version: 1,
  id: 'an-id',
  event: 'completed',
  at: '2026-11-23T10:00:00Z',
  team: 'auth',
  namespace: 'dev',
  message: 'dev/auth completed',
  data: { text: 'ü' },
};

function send(url: string, senders: Partial<Senders> = {}): Promise<void> {
  return deliver({ kind: 'webhook', url }, { allowPrivate: true, ...senders }, NOTIFICATION, never);
}

let server: ApiServer;
beforeEach(async () => {
  server = await serveApi(() => ({ status: 204 }));
});
afterEach(() => server.close());

describe('a webhook call', () => {
  test('is signed over its time and every byte of its body', async () => {
    await send(`${server.url}/hook`, { secret: 'key' });
    const [request] = server.requests;
    const { headers, text = '' } = request ?? {};
    expect(JSON.parse(text)).toEqual(NOTIFICATION);
    const timestamp = headers?.['x-agentteam-timestamp'];
    const expected = createHmac('sha256', 'key').update(`${timestamp}.${text}`).digest('hex');
    expect(headers?.['x-agentteam-signature']).toBe(`sha256=${expected}`);
    expect(headers?.['idempotency-key']).toBe('an-id');
    expect(headers?.['x-agentteam-event']).toBe('completed');
  });

  test('is repeated with the same id until it is taken', async () => {
    server.failures.push({ status: 503 }, { status: 429, headers: { 'retry-after': '0' } });
    await send(server.url);
    expect(server.requests.map(({ headers }) => headers['idempotency-key'])).toEqual([
      'an-id',
      'an-id',
      'an-id',
    ]);
    expect(new Set(server.requests.map(({ text }) => text)).size).toBe(1);
    expect(server.requests[0]?.headers['x-agentteam-signature']).toBeUndefined();
  });

  test.each([404, 302])('is not repeated after %d', async (status) => {
    server.failures.push({ status, headers: { location: 'http://169.254.169.254/' } });
    await expect(send(server.url)).rejects.toThrow(`answered ${status}`);
    expect(server.requests).toHaveLength(1);
  });

  test.each(['127.0.0.1', 'localhost'])(
    'does not go to %s unless that is allowed',
    async (host) => {
      const url = server.url.replace('127.0.0.1', host);
      await expect(send(url, { allowPrivate: false })).rejects.toThrow(
        /private or link-local.*AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS/s,
      );
      expect(server.requests).toEqual([]);
    },
  );
});

describe('addresses', () => {
  test.each([
    '10.1.2.3',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::',
    'nonsense',
  ])('%s is private', (address) => expect(isPrivateAddress(address)).toBe(true));
  test.each(['8.8.8.8', '172.32.0.1', '2606:4700::1', '100.128.0.1', '::ffff:8.8.8.8'])(
    '%s is public',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );

  test.each([
    'http://[::1]/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://017700000001/',
    'http://[::ffff:169.254.169.254]/',
  ])('%s is refused whatever way it is written', (url) =>
    expect(() => assertPublicHost(new URL(url))).toThrow(PrivateTargetError),
  );

  test('a name is refused where it resolves to a private address', async () => {
    const error = await new Promise<Error | null>((resolve) => {
      lookupPublic('localhost', {}, (problem) => resolve(problem));
    });
    expect(error).toBeInstanceOf(PrivateTargetError);
  });
});
