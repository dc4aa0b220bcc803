import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { readProxies } from '@agentteam/notify/proxies';
import { expect, test } from '@jest/globals';
import { type ForwardOutcome, forward } from '../../src/gateway/http/forward.ts';
import { Upstream } from '../../src/gateway/upstream/upstream.ts';
import { api } from './setting.ts';
import { atEnd } from './team.ts';

/** Forwards the first request of a connection whose client hangs up when the reply has started. */
async function hangUp(drainMs: number): Promise<ForwardOutcome> {
  const upstream = new Upstream(readProxies({}));
  const { promise: outcome, resolve } = Promise.withResolvers<ForwardOutcome>();
  const server = createServer((_, response) => {
    const observer = { head() {}, chunk() {}, end() {}, drains: true };
    const { signal } = new AbortController();
    const url = new URL(api.url);
    const exchange = { method: 'POST', headers: {}, body: Buffer.from('{}'), url, signal };
    void forward({ upstream, response, observer, drainMs, ...exchange }).then(resolve);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.close();
    await upstream.close();
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  return outcome;
}

test('a reply is read after the agent has closed the connection, but not for ever', async () => {
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
  api.answer = (_, response) => {
    response.on('close', onClosed);
    response.write('thinking');
  };
  expect(await hangUp(50)).toMatchObject({ status: 200, sent: true, error: expect.anything() });
  // The connection to the API is closed as well.
  await closed;
});

test('a reply that ends in time is read to its end', async () => {
  api.answer = (_, response) => {
    response.write('thinking', () => response.end('done'));
  };
  const outcome = await hangUp(600_000);
  expect(outcome).toEqual({ status: 200, sent: true });
});
