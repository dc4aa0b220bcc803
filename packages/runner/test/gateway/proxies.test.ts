import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { EXIT } from '@agentteam/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type ForwardProxy, serveProxy } from '../support/forward-proxy.ts';
import { type Identity, makeIdentity, REMOTE } from './certificate.ts';
import { type GatewayFailed, launch, ledgerOf } from './gateway-process.ts';
import { closing, opening, ScriptedApi } from './scripted-api.ts';
import { atEnd, environment, makeTeam, post, type TestTeam } from './team.ts';

const USAGE = { input_tokens: 7, output_tokens: 3 };
const STREAM = opening('claude-opus-5-5', USAGE, 'ok') + closing(USAGE);

let identity: Identity;
let team: TestTeam;
/** A plain API, and two behind TLS: one for HTTP/1.1, one for HTTP/2 only. */
let api: ScriptedApi;
let secure: number;
let http2Only: number;
const versions: string[] = [];

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => server.close());
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  identity = await makeIdentity();
  api = await ScriptedApi.start();
  const answer = (allowHTTP1: boolean) =>
    createSecureServer({ ...identity, allowHTTP1 }, (message, response) => {
      versions.push(message.httpVersion);
      message.resume();
      message.on('end', () => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(STREAM);
      });
    });
  secure = await listen(answer(true));
  http2Only = await listen(answer(false));
});
afterAll(() => api.stop());
beforeEach(async () => {
  api.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(STREAM);
  };
  api.seen.length = 0;
  versions.length = 0;
  team = await makeTeam();
});

/** A proxy that can reach {@link REMOTE}. */
async function proxy(scheme: string, behind: () => number, status = 200): Promise<ForwardProxy> {
  const through = await serveProxy(behind, { status, ...(scheme === 'https' && { identity }) });
  atEnd(through.close);
  return through;
}

/** A gateway in its own process, whose environment Node itself reads. */
function gatewayTo(upstream: string, more: NodeJS.ProcessEnv) {
  const env = { ...environment(team, upstream), NODE_EXTRA_CA_CERTS: identity.certificate };
  return launch(team, { ...env, ...more });
}

async function counted() {
  return (await ledgerOf(team)).totals.team().tokens;
}

const CREDENTIAL = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;

test.each(['http', 'https'])(
  'a plain upstream through a proxy of %s gets the whole URL and the proxy’s credential',
  async (scheme) => {
    const through = await proxy(scheme, () => Number(new URL(api.url).port));
    const gateway = await gatewayTo(`http://${REMOTE}/company`, {
      HTTP_PROXY: `${scheme}://user:p%40ss@localhost:${through.port}`,
    });
    for (let index = 0; index < 2; index += 1) {
      const response = await post(gateway, { stream: true, system: 'x'.repeat(200_000) });
      expect(await response.text()).toBe(STREAM);
    }
    const target = `http://${REMOTE}/company/v1/messages?beta=true`;
    const preflight = `http://${REMOTE}/company/v1/models?limit=1`;
    const asked = [preflight, target, target].map((one) => `${one} ${CREDENTIAL}`);
    expect(through.asked).toEqual(asked);
    expect(api.seen[0]?.headers.host).toBe(REMOTE);
    expect(await counted()).toMatchObject({ input: 14, output: 6 });
  },
);

test.each([
  ['http', '1.1', () => secure],
  ['http', '2.0', () => http2Only],
  ['https', '1.1', () => secure],
  ['https', '2.0', () => http2Only],
])(
  'an upstream behind TLS is reached through a proxy of %s by CONNECT, HTTP/%s',
  async (scheme, version, behind) => {
    const through = await proxy(scheme, behind);
    const gateway = await gatewayTo(`https://${REMOTE}`, {
      https_proxy: `${scheme}://user:p%40ss@localhost:${through.port}`,
    });
    for (let index = 0; index < 2; index += 1) {
      const response = await post(gateway, { stream: true, system: 'x'.repeat(200_000) });
      expect(await response.text()).toBe(STREAM);
    }
    expect(new Set(through.asked)).toEqual(new Set([`${REMOTE}:443 ${CREDENTIAL}`]));
    expect(versions).toEqual([version, version, version]);
    expect(await counted()).toMatchObject({ input: 14, output: 6 });
  },
);

test.each([
  ['127.0.0.0/8', 0],
  ['other.example.test', 1],
])('NO_PROXY=%s: the proxy is used %i times', async (exceptions, times) => {
  const port = Number(new URL(api.url).port);
  const through = await proxy('http', () => port);
  // An address of this machine that is not exempt from proxies by default.
  const elsewhere = createServer((from, to) => {
    const { method, headers, url: path } = from;
    from.pipe(request({ port, method, headers, path }, (answer) => answer.pipe(to)));
  });
  elsewhere.listen(0, '127.0.0.2');
  await once(elsewhere, 'listening');
  atEnd(async () => elsewhere.close());
  const gateway = await gatewayTo(`http://127.0.0.2:${(elsewhere.address() as AddressInfo).port}`, {
    HTTP_PROXY: `http://localhost:${through.port}`,
    NO_PROXY: exceptions,
  });
  const response = await post(gateway, { stream: true });
  expect(await response.text()).toBe(STREAM);
  const messages = through.asked.filter((target) => !target.includes('/v1/models'));
  expect(messages).toHaveLength(times);
});

test.each([
  ['http', 'HTTP_PROXY'],
  ['https', 'HTTPS_PROXY'],
])(
  'a proxy that refuses an upstream of %s costs nothing, and is not named',
  async (scheme, name) => {
    const through = await proxy('http', () => secure, 407);
    const refused = (await gatewayTo(`${scheme}://${REMOTE}`, {
      [name]: `http://user:secret@localhost:${through.port}`,
    }).catch((error) => error)) as GatewayFailed;
    expect(refused.failure.exitCode).toBe(EXIT.refused);
    expect(refused.message).toContain('the proxy refuses requests to the API (407)');
    expect(refused.message).not.toContain(String(through.port));
    expect(refused.message).not.toContain('secret');
    expect(through.asked).toHaveLength(1);
    expect((await ledgerOf(team)).totals.team().usd).toBe(0n);
  },
);
