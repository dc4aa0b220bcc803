import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ENV } from '@agentteam/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { serveProxy } from '../support/forward-proxy.ts';
import { launch, type Process } from './gateway-process.ts';
import { get, tunnel } from './outbound.ts';
import { closing, opening, ScriptedApi } from './scripted-api.ts';
import { Registry } from './services/registry.ts';
import { atEnd, environment, makeTeam, type TestTeam } from './team.ts';

const USAGE = { input_tokens: 7, output_tokens: 3 };

let api: ScriptedApi;
let team: TestTeam;
/** A service that listens on all addresses of this machine. */
let service: number;
let connections = 0;

beforeAll(async () => {
  api = await ScriptedApi.start();
  api.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(opening('claude-opus-5-5', USAGE, 'ok') + closing(USAGE));
  };
  const server = createServer((_, response) => response.end('a service of this machine'));
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '::');
  await once(server, 'listening');
  service = (server.address() as AddressInfo).port;
  atEnd(async () => server.close());
});
afterAll(() => api.stop());
beforeEach(async () => {
  team = await makeTeam();
  connections = 0;
});

const start = (more: NodeJS.ProcessEnv): Promise<Process> =>
  launch(team, { ...environment(team, api.url), [ENV.gatewaySocket]: 'true', ...more });

test('the gateway listens on a socket only', async () => {
  const { address } = await start({ [ENV.reach]: 'public' });
  expect(address.url).toBe('unix:gateway.sock');
  expect(await get(team, '/v1/models')).toMatchObject({ status: 401 });
});

test('a client that ignores NO_PROXY reaches the services of the agent, and nothing else on loopback', async () => {
  const registry = await Registry.start();
  const services = [{ name: 'npm', url: `${registry.url}/base` }];
  await launch(team, {
    ...environment(team, api.url, { services }),
    [ENV.gatewaySocket]: 'true',
    [ENV.reach]: 'public',
  });
  const path = '/services/npm/a';
  expect(await get(team, `http://127.0.0.1:1234${path}`)).toMatchObject({ status: 200 });
  expect(registry.seen.at(-1)?.url).toBe('/base/a');
  for (const url of [`http://127.0.0.1:${service}/`, `http://localhost:1234${path}`]) {
    expect(await get(team, url)).toMatchObject({ status: 403 });
  }
  expect(connections).toBe(0);
});

const own = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .filter(({ scopeid }) => !scopeid)
  .map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address));

/** Names of this machine, and addresses of the clouds' metadata services. */
const NEVER = [
  ...own,
  'localhost',
  'LOCALHOST.',
  '127.0.0.2',
  '127.1',
  '2130706433',
  '0x7f000001',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::]',
  '0.0.0.0',
  '0',
  '169.254.169.254',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '[fd20:ce::254]',
  '[fd00:ec2::23]',
  // The same places behind NAT64.
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b::7f00:1]',
];

test('no agent reaches this machine, whatever private networks it may reach', async () => {
  await start({ [ENV.reach]: 'public,0.0.0.0/0,::/0,localhost' });
  const refused = { status: 403, text: expect.stringContaining('this machine') };
  for (const host of NEVER) {
    expect({ host, ...(await tunnel(team, `${host}:${service}`)) }).toMatchObject(refused);
    expect({ host, ...(await get(team, `http://${host}:${service}/`)) }).toMatchObject(refused);
  }
  expect(connections).toBe(0);
});

test('an agent only reaches private networks that are named', async () => {
  await start({ [ENV.reach]: 'public' });
  for (const host of ['10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1', '[fc00::1]']) {
    const { status, text } = await tunnel(team, `${host}:443`);
    expect({ host, status, text }).toMatchObject({
      status: 403,
      text: expect.stringContaining('--reach'),
    });
  }
});

test('an agent only reaches the API through the gateway’s routes', async () => {
  await start({ [ENV.reach]: 'public' });
  for (const host of ['api.anthropic.com', 'API.anthropic.com.', 'api.anthropic.com..']) {
    const through = await tunnel(team, `${host}:443`);
    expect(through).toMatchObject({ status: 403, text: expect.stringContaining('BASE_URL') });
  }
});

test('an agent cannot reach the API by its address either', async () => {
  // An address for documentation, which needs no name server.
  const upstream = environment(team, 'http://203.0.113.7:4000');
  await start({ ...upstream, [ENV.gatewaySocket]: 'true', [ENV.reach]: 'public,64:ff9b::/96' });
  const nat64 = '[64:ff9b::203.0.113.7]';
  for (const host of ['203.0.113.7', '[::ffff:203.0.113.7]', '3405803783', nat64]) {
    expect({ host, ...(await tunnel(team, `${host}:4000`)) }).toMatchObject({
      status: 403,
      text: expect.stringContaining('BASE_URL'),
    });
  }
});

test('a tunnel to an invalid address is refused', async () => {
  const { child } = await start({ [ENV.reach]: 'public' });
  for (const authority of ['/', 'host:port', 'user:password@host:443', ':443', '[::1:443']) {
    expect({ authority, ...(await tunnel(team, authority)) }).toMatchObject({ status: 403 });
  }
  expect(child.exitCode).toBeNull();
});

test('without `reach`, no connections are allowed', async () => {
  await start({});
  expect(await tunnel(team, 'registry.example.test:443')).toMatchObject({ status: 403 });
  expect((await get(team, 'http://registry.example.test/')).status).toBe(401);
});

test('an invalid entry of `reach` ends the gateway with a message', async () => {
  await expect(start({ [ENV.reach]: 'public,10.0.0.0/33' })).rejects.toThrow(/10\.0\.0\.0\/33/);
});

test('connections use this machine’s proxy, which may know further names', async () => {
  const echo = createTcpServer((socket) => socket.pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  atEnd(async () => echo.close());
  const company = await serveProxy(() => (echo.address() as AddressInfo).port);
  atEnd(company.close);
  const proxy = `http://localhost:${company.port}`;
  const { stop } = await start({ [ENV.reach]: 'public', https_proxy: proxy });
  const { status, socket } = await tunnel(team, 'registry.example.test:443');
  expect(status).toBe(200);
  socket.write('through two proxies');
  const [data] = (await once(socket, 'data')) as [Buffer];
  expect(data.toString()).toBe('through two proxies');
  expect(company.asked).toEqual(['registry.example.test:443']);
  // Names that can be resolved here are checked here, without asking the other proxy.
  expect((await tunnel(team, 'localhost:443')).status).toBe(403);
  expect(company.asked).toHaveLength(1);
  // An open tunnel does not delay the gateway's end.
  const closed = once(socket, 'close');
  await stop();
  await closed;
});

test('too many connections are refused, and the agent’s requests to the API still work', async () => {
  const silent = createTcpServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  atEnd(async () => silent.close());
  const company = await serveProxy(() => (silent.address() as AddressInfo).port);
  atEnd(company.close);
  await start({ [ENV.reach]: 'public', https_proxy: `http://localhost:${company.port}` });
  const asked = await Promise.all(
    // An address for documentation, which needs no name server.
    Array.from({ length: 140 }, () => tunnel(team, '203.0.113.9:443')),
  );
  const tally = Map.groupBy(asked, ({ status }) => status);
  expect(tally.get(200)).toHaveLength(128);
  expect(tally.get(403)).toHaveLength(12);
  expect(await get(team, '/v1/models')).toMatchObject({ status: 401 });
  for (const { socket } of asked) socket.destroy();
});
