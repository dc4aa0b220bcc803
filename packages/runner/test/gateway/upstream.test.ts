import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
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

/** A TLS server with a certificate of its own authority, which only `NODE_EXTRA_CA_CERTS` makes known. */
let secure: ReturnType<typeof createSecureServer>;
let certificate: string;
const versions: string[] = [];
beforeAll(async () => {
  const { root } = await makeTeam();
  certificate = join(root, 'cert.pem');
  const key = join(root, 'key.pem');
  const request = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
  ];
  const files = ['-keyout', key, '-out', certificate, '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', [...request, ...files], { stdio: 'ignore' });
  const tls = { key: await readFile(key), cert: await readFile(certificate), allowHTTP1: true };
  secure = createSecureServer(tls, (message, response) => {
    versions.push(message.httpVersion);
    message.resume();
    message.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(STREAM);
    });
  });
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
});
afterAll(() => {
  secure.close();
});

/** A gateway whose environment is read by Node itself, so it needs a process of its own. */
async function launch(more: NodeJS.ProcessEnv) {
  const upstream = `https://localhost:${(secure.address() as AddressInfo).port}`;
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

test('HTTP/2 upstream, with a certificate authority of one’s own', async () => {
  versions.length = 0;
  const response = await post(await launch({}), { stream: true });
  expect(await response.text()).toBe(STREAM);
  expect(versions).toEqual(['2.0']);
  expect(await counted()).toMatchObject({ input: 7, output: 3 });
});

test('an upstream whose certificate is not known gets nothing', async () => {
  versions.length = 0;
  const response = await post(await launch({ NODE_EXTRA_CA_CERTS: '' }), { stream: true });
  expect(response.status).toBe(502);
  expect(versions).toEqual([]);
});

test('through HTTPS_PROXY, by CONNECT', async () => {
  const tunnels: string[] = [];
  const proxy: Server = createServer();
  proxy.on('connect', (message, client) => {
    tunnels.push(message.url ?? '');
    // `localhost` is never sent to a proxy; the name in the URL is one that only the proxy knows.
    const { port } = secure.address() as AddressInfo;
    const upstream = connect(port, '127.0.0.1', () => {
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
