import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ApiServer, serveApi } from '../../runner/test/support/api-server.ts';
import { type ForwardProxy, serveProxy } from '../../runner/test/support/forward-proxy.ts';
import { Retryable } from '../src/backoff.ts';
import { channelOf, deliver, deliverOnce, type Senders } from '../src/deliver.ts';
import { readProxies } from '../src/proxies.ts';
import {
  assertPublicHost,
  isPrivateAddress,
  lookupPublic,
  PrivateTargetError,
} from '../src/public-address.ts';
import type { AllowPrivate } from '../src/route.ts';
import { NOTIFICATION } from './support/notification.ts';

const never = new AbortController().signal;

function send(url: string, senders: Partial<Senders> = {}): Promise<void> {
  return deliver({ kind: 'webhook', url }, { allowPrivate: true, ...senders }, NOTIFICATION, never);
}

let server: ApiServer;
beforeEach(async () => {
  server = await serveApi(() => ({ status: 204 }));
});
afterEach(() => server.close());

describe('a webhook call', () => {
  test('is signed over its timestamp and every byte of its body', async () => {
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

  test('is repeated with the same id until it succeeds', async () => {
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

  test('does not wait for a body that never ends', async () => {
    const endless = createServer((_request, response) => {
      response.writeHead(200).write('x');
    }).listen(0, '127.0.0.1');
    await once(endless, 'listening');
    const closed = once(endless, 'connection').then(([socket]) => once(socket, 'close'));
    await send(`http://127.0.0.1:${(endless.address() as AddressInfo).port}`);
    await closed;
    endless.close();
  });

  test.each([404, 302])('is not repeated after %d', async (status) => {
    server.failures.push({ status, headers: { location: 'http://169.254.169.254/' } });
    await expect(send(server.url)).rejects.toThrow(`replied with status ${status}`);
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

describe('a webhook call through a proxy', () => {
  let proxy: ForwardProxy;
  const behind = () => Number(new URL(server.url).port);
  const through = (url: string, allowPrivate: AllowPrivate) => {
    const proxies = readProxies({ http_proxy: `http://user:p%40ss@localhost:${proxy.port}` });
    return deliverOnce(
      { kind: 'webhook', url },
      { allowPrivate, proxies, secret: 'key' },
      NOTIFICATION,
      never,
    );
  };
  const credential = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
  beforeEach(async () => {
    proxy = await serveProxy(behind);
  });
  afterEach(() => proxy.close());

  test.each([true, 'proxied'] as const)(
    'passes the name of the target to the proxy if that is allowed (%s)',
    async (allowPrivate) => {
      await through('http://hooks.example.test/in', allowPrivate);
      expect(proxy.asked).toEqual([`http://hooks.example.test/in ${credential}`]);
      expect(server.requests).toMatchObject([
        { path: '/in', body: NOTIFICATION, headers: { host: 'hooks.example.test' } },
      ]);
    },
  );

  test('passes the checked address to the proxy otherwise', async () => {
    await through('http://203.0.113.7:8080/in', false);
    expect(proxy.asked).toEqual([`203.0.113.7:8080 ${credential}`]);
    expect(server.requests).toMatchObject([
      { path: '/in', body: NOTIFICATION, headers: { host: '203.0.113.7:8080' } },
    ]);
  });

  test('does not pass a name that cannot be resolved here to the proxy', async () => {
    await expect(through('http://hooks.example.test/in', false)).rejects.toThrow(
      /hooks\.example\.test.*AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS=proxied/s,
    );
    expect(proxy.asked).toEqual([]);
  });

  test.each([
    ['http://169.254.169.254/latest', false],
    ['http://169.254.169.254/latest', 'proxied'],
    ['http://[fd00::1]/', false],
    // Local targets never use a proxy.
    ['http://127.0.0.1/', 'proxied'],
    ['http://localhost/', 'proxied'],
  ] as const)('does not go to %s (allowed: %s)', async (url, allowPrivate) => {
    await expect(through(url, allowPrivate)).rejects.toThrow(PrivateTargetError);
    expect(proxy.asked).toEqual([]);
  });

  test.each([false, 'proxied'] as const)(
    'can be retried after a refusal by the proxy (allowed: %s)',
    async (allowPrivate) => {
      const strict = await serveProxy(behind, { status: 403 });
      const proxies = readProxies({ HTTPS_PROXY: `localhost:${strict.port}` });
      const call = deliverOnce(
        { kind: 'webhook', url: 'https://203.0.113.7/in' },
        { allowPrivate, proxies },
        NOTIFICATION,
        never,
      );
      const error = await call.catch((problem: Error) => problem);
      await strict.close();
      expect(error).toBeInstanceOf(Retryable);
      expect(String(error)).toContain('403');
      expect(String(error).includes('=proxied')).toBe(allowPrivate === false);
      expect(strict.asked).toEqual(['203.0.113.7:443']);
    },
  );
});

describe('addresses', () => {
  test.each([
    // The last address of each network, and frequent targets of attacks.
    '0.0.0.0',
    '0.255.255.255',
    '10.255.255.255',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.255',
    '169.254.169.254',
    '169.254.255.255',
    '172.31.255.255',
    '192.0.0.255',
    '192.168.255.255',
    '198.19.255.255',
    '239.255.255.255',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1:ffff::1',
    '100::ffff:ffff:ffff:ffff',
    '2001:0:ffff::1',
    '2002:7f00:1::',
    'fdff::1',
    'febf::1',
    'feff::1',
    'ffff::1',
    'nonsense',
    '168.63.129.16',
  ])('%s is private', (address) => expect(isPrivateAddress(address)).toBe(true));
  test.each([
    '8.8.8.8',
    '1.0.0.0',
    '100.128.0.1',
    '172.32.0.1',
    '192.0.1.0',
    '198.20.0.0',
    '223.255.255.255',
    '::ffff:8.8.8.8',
    '2001:1::1',
    '2606:4700::1',
  ])('%s is public', (address) => expect(isPrivateAddress(address)).toBe(false));

  test.each([
    'http://[::1]/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://017700000001/',
    'http://[::ffff:169.254.169.254]/',
  ])('%s is refused in every notation', (url) =>
    expect(() => assertPublicHost(new URL(url))).toThrow(PrivateTargetError),
  );

  test('refuses a name that resolves to a private address', async () => {
    const error = await new Promise<Error | null>((resolve) => {
      lookupPublic('localhost', {}, (problem) => resolve(problem));
    });
    expect(error).toBeInstanceOf(PrivateTargetError);
  });
});

const webhookUrl = 'https://hooks.example.test/in';
test.each([
  [{}, undefined],
  [{ channel: 'none', webhookUrl }, undefined],
  [{ channel: 'webhook' }, undefined],
  [
    { channel: 'webhook', webhookUrl },
    { kind: 'webhook', url: webhookUrl },
  ],
  [
    { channel: 'email', emailTo: ['ada@example.com'], webhookUrl },
    { kind: 'email', to: ['ada@example.com'] },
  ],
] as const)('the channel of a gate with %j', (gate, channel) =>
  expect(channelOf(gate)).toEqual(channel),
);
