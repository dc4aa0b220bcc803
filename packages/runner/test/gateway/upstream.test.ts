import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type SecureServerOptions,
} from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { PATHS } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { readGatewayAddress, waitInDirectory } from '@agentteam/volume';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { closing, opening, ScriptedApi } from './scripted-api.ts';
import { atEnd, environment, makeTeam, post, startInProcess, type TestTeam } from './team.ts';

const PROGRAM = fileURLToPath(new URL('run-gateway.ts', import.meta.url));
const USAGE = { input_tokens: 7, output_tokens: 3 };
const STREAM = opening('claude-opus-5-5', USAGE, 'ok') + closing(USAGE);

let team: TestTeam;
beforeEach(async () => {
  team = await makeTeam();
});

async function counted() {
  const reader = new LedgerReader(team.root + PATHS.ledger);
  return (await reader.refresh()).team().tokens;
}

/** Certificate of an authority of its own, which only `NODE_EXTRA_CA_CERTS` makes known. */
let certificate: string;
let identity: SecureServerOptions;
type Answer = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** A TLS server for both versions of HTTP, and one for HTTP/2 alone. */
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
  const { root } = await makeTeam();
  certificate = join(root, 'cert.pem');
  const key = join(root, 'key.pem');
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost'.split(' ');
  const files = ['-keyout', key, '-out', certificate, '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', [...request, ...files], { stdio: 'ignore' });
  identity = { key: await readFile(key), cert: await readFile(certificate) };
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

/** A gateway whose environment is read by Node itself, so it needs a process of its own. */
async function launch(more: NodeJS.ProcessEnv, server: TlsServer = both) {
  const upstream = `https://localhost:${server.port}`;
  const child = spawn(process.execPath, ['--conditions=source', PROGRAM], {
    env: { ...environment(team, upstream), NODE_EXTRA_CA_CERTS: certificate, ...more },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  atEnd(async () => {
    child.kill();
    await exited;
  });
  const directory = `${team.root}${PATHS.gateway}`;
  const { signal } = new AbortController();
  const address = await waitInDirectory(directory, () => readGatewayAddress(directory), { signal });
  return { address };
}

test.each([
  ['HTTP/1.1 where it is offered', () => both, '1.1'],
  ['HTTP/2 where nothing else is', () => http2Only, '2.0'],
])('%s, with a certificate authority of one’s own', async (_, server, version) => {
  const gateway = await launch({}, server());
  for (let index = 0; index < 2; index += 1) {
    const response = await post(gateway, { stream: true, system: 'x'.repeat(200_000) });
    expect(await response.text()).toBe(STREAM);
  }
  expect(versions).toEqual([version, version]);
  expect(await counted()).toMatchObject({ input: 14, output: 6 });
});

test.each([
  ['reset', (response: Http2ServerResponse) => response.stream.close(8)],
  [
    'lost with its connection',
    (response: Http2ServerResponse) => response.stream.session?.destroy(),
  ],
])('a stream of HTTP/2 that is %s does not end as if whole', async (_, breakOff) => {
  answer = (_request, response) => {
    const first = opening('claude-opus-5-5', USAGE, 'half of it');
    response.write(first, () => setImmediate(() => breakOff(response)));
  };
  const response = await post(await launch({}, http2Only), { stream: true });
  await expect(response.text()).rejects.toThrow();
  expect(await counted()).toMatchObject({ input: 7 });
});

test('an upstream whose certificate is not known gets nothing', async () => {
  const response = await post(await launch({ NODE_EXTRA_CA_CERTS: '' }), { stream: true });
  expect(response.status).toBe(502);
  expect(await response.text()).toMatch(/no answer from the API \([A-Z_]*CERT[A-Z_]*\)/);
  expect(versions).toEqual([]);
});

test('through HTTPS_PROXY, by CONNECT', async () => {
  const tunnels: string[] = [];
  const proxy: Server = createServer();
  proxy.on('connect', (message, client) => {
    tunnels.push(message.url ?? '');
    // `localhost` is never sent to a proxy; the name in the URL is one that only the proxy knows.
    const upstream = connect(both.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  atEnd(async () => proxy.close());
  const gateway = await launch({
    AGENTTEAM_UPSTREAM: 'https://api.example.test',
    HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    // The certificate is for another name: what is tested is the way, not the name.
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_NO_WARNINGS: '1',
  });
  const response = await post(gateway, { stream: true });
  expect(await response.text()).toBe(STREAM);
  expect(tunnels).toEqual(['api.example.test:443']);
});

test('a reply that comes compressed all the same is undone and counted', async () => {
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

test('an agent that does not read holds the upstream back, and gets everything when it does', async () => {
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
  // Without back-pressure all 100 MB would by now lie in the gateway.
  expect(await stalled).toBeLessThan(parts);
  let read = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    read += chunk.length;
  }
  expect(read).toBeGreaterThan(parts * 64 * 1024);
  expect(await counted()).toMatchObject({ input: 7, output: 3 });
});
