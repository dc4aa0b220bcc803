import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { EXIT, type SidecarSpec } from '@agentteam/contract';
import { afterEach, expect, test } from '@jest/globals';
import { waitForSidecars } from '../../src/agent/sidecars.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server, port = 0): Promise<number> {
  servers.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A port at which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

const never = new AbortController().signal;
const sidecar = (probes: SidecarSpec['probes'], timeoutSeconds = 30): SidecarSpec => ({
  name: 'db',
  probes,
  timeoutSeconds,
});

test('waits for a port that opens later, and for a status that becomes good', async () => {
  const port = await freePort();
  const answers = [503, 404, 200];
  const requests: (string | undefined)[] = [];
  const http = createHttpServer((request, response) => {
    requests.push(request.url);
    response.writeHead(answers[requests.length - 1] ?? 200).end();
    // The database opens its port only now.
    if (requests.length === answers.length) void listen(createServer(), port);
  });
  const health = { port: await listen(http), path: '/health?full' };
  await waitForSidecars([sidecar([health]), sidecar([{ port }, { port }])], never);
  expect(requests).toEqual(answers.map(() => '/health?full'));
});

test.each<[string, () => Promise<SidecarSpec['probes']>, RegExp]>([
  [
    'nothing listens',
    async () => [{ port: await freePort() }],
    /nothing listens on its port \d+; /,
  ],
  [
    'it answers with an error',
    async () => [
      {
        port: await listen(createHttpServer((_, response) => response.writeHead(500).end())),
        path: '/up',
      },
    ],
    /GET \/up on port \d+ was answered with 500; /,
  ],
  [
    'it closes each connection',
    async () => [{ port: await listen(createServer((socket) => socket.destroy())), path: '/up' }],
    /its port \d+ does not answer \(ECONNRESET\); /,
  ],
])('%s in time: the step ends for good, and names the sidecar', async (_what, probes, message) => {
  const fine = { ...sidecar([]), name: 'cache' };
  const waiting = waitForSidecars([fine, sidecar(await probes(), 0.3)], never);
  await expect(waiting).rejects.toMatchObject({
    exitCode: EXIT.invalid,
    message: expect.stringMatching(message),
  });
  await expect(waiting).rejects.toThrow(/^the sidecar db was not ready within 0.3 s: /);
});

test('a stop ends the wait', async () => {
  const stop = new AbortController();
  const waiting = waitForSidecars([sidecar([{ port: await freePort() }])], stop.signal);
  stop.abort();
  await expect(waiting).rejects.toThrow(/aborted/);
});
