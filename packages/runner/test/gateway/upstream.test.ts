import { once } from 'node:events';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { EXIT } from '@agentteam/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Identity, makeIdentity } from './certificate.ts';
import { type GatewayFailed, launch, ledgerOf } from './gateway-process.ts';
import { closing, opening, ScriptedApi } from './scripted-api.ts';
import { atEnd, environment, makeTeam, post, startInProcess, type TestTeam } from './team.ts';

const USAGE = { input_tokens: 7, output_tokens: 3 };
const STREAM = opening('claude-opus-5-5', USAGE, 'ok') + closing(USAGE);

let team: TestTeam;
beforeEach(async () => {
  team = await makeTeam();
});

async function counted() {
  return (await ledgerOf(team)).totals.team().tokens;
}

let identity: Identity;
type Answer = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** A TLS server for both versions of HTTP, and one for HTTP/2 only. */
let both: TlsServer;
let http2Only: TlsServer;
const versions: string[] = [];
const whole: Answer = (_, response) => response.end(STREAM);
let answer: Answer = whole;

interface TlsServer {
  readonly port: number;
  close(): void;
}

async function serve(allowHTTP1: boolean): Promise<TlsServer> {
  const server = createSecureServer({ ...identity, allowHTTP1 }, (message, response) => {
    versions.push(message.httpVersion);
    message.resume();
    message.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      answer(message, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

beforeAll(async () => {
  identity = await makeIdentity();
  both = await serve(true);
  http2Only = await serve(false);
});
afterAll(() => {
  both.close();
  http2Only.close();
});
beforeEach(() => {
  versions.length = 0;
  answer = whole;
});

/** A gateway in its own process, whose environment Node itself reads. */
function gatewayTo({ port }: TlsServer, certificate: string = identity.certificate) {
  const env = environment(team, `https://localhost:${port}`);
  return launch(team, { ...env, NODE_EXTRA_CA_CERTS: certificate });
}

test.each([
  ['HTTP/1.1 if offered', () => both, '1.1'],
  ['HTTP/2 if nothing else is offered', () => http2Only, '2.0'],
])('%s, with a private certificate authority', async (_, server, version) => {
  const gateway = await gatewayTo(server());
  for (let index = 0; index < 2; index += 1) {
    const response = await post(gateway, { stream: true, system: 'x'.repeat(200_000) });
    expect(await response.text()).toBe(STREAM);
  }
  // The first request is the gateway's own preflight.
  expect(versions).toEqual([version, version, version]);
  expect(await counted()).toMatchObject({ input: 14, output: 6 });
});

test.each([
  ['reset', (response: Http2ServerResponse) => response.stream.close(8)],
  [
    'lost with its connection',
    (response: Http2ServerResponse) => response.stream.session?.destroy(),
  ],
])('an HTTP/2 stream that is %s does not look complete', async (_, breakOff) => {
  answer = (_request, response) => {
    const first = opening('claude-opus-5-5', USAGE, 'half of it');
    response.write(first, () => setImmediate(() => breakOff(response)));
  };
  const response = await post(await gatewayTo(http2Only), { stream: true });
  await expect(response.text()).rejects.toThrow();
  expect(await counted()).toMatchObject({ input: 7 });
});

test('an upstream with an untrusted certificate gets nothing', async () => {
  const refused = (await gatewayTo(both, '').catch((error) => error)) as GatewayFailed;
  expect(refused.failure.exitCode).toBe(EXIT.refused);
  expect(refused.message).toMatch(/not trusted \([A-Z_]*CERT[A-Z_]*\): set NODE_EXTRA_CA_CERTS/);
  expect(versions).toEqual([]);
});

test('a reply that is compressed anyway is decompressed and counted', async () => {
  const api = await ScriptedApi.start();
  atEnd(() => api.stop());
  api.answer = (_, response) => {
    const headers = { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' };
    response.writeHead(200, headers);
    response.end(gzipSync(STREAM));
  };
  const gateway = await startInProcess(environment(team, `${api.url}/company/anthropic`));
  atEnd(() => gateway.close());
  const response = await post(gateway, { stream: true });
  expect(response.headers.get('content-encoding')).toBeNull();
  expect(await response.text()).toBe(STREAM);
  expect(api.seen[0]?.url).toBe('/company/anthropic/v1/messages?beta=true');
  expect(await counted()).toMatchObject({ input: 7, output: 3 });
});

test('an agent that does not read slows down the upstream, and gets everything later', async () => {
  const api = await ScriptedApi.start();
  atEnd(() => api.stop());
  const part = `: ${'x'.repeat(64 * 1024)}\n\n`;
  const parts = 1600;
  let sent = 0;
  const { promise: stalled, resolve: onStall } = Promise.withResolvers<number>();
  api.answer = async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(opening('claude-opus-5-5', USAGE, 'ok'));
    for (; sent < parts; sent += 1) {
      if (response.write(part)) continue;
      const stall = setTimeout(() => onStall(sent), 1000);
      await once(response, 'drain');
      clearTimeout(stall);
    }
    onStall(sent);
    response.end(closing(USAGE));
  };
  const gateway = await startInProcess(environment(team, api.url));
  atEnd(() => gateway.close());
  const response = await post(gateway, { stream: true });
  // Without backpressure, all 100 MB would be in the gateway's memory by now.
  expect(await stalled).toBeLessThan(parts);
  let read = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    read += chunk.length;
  }
  expect(read).toBeGreaterThan(parts * 64 * 1024);
  expect(await counted()).toMatchObject({ input: 7, output: 3 });
});
