import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseOciReference } from '@agentteam/contract';
import { afterEach, expect, test } from '@jest/globals';
import { Registry } from '../../src/setup/fetched/oci/registry.ts';
import { never } from '../support/team.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A registry elsewhere: its name leads to a server of this test. */
async function pullFrom(answer: RequestListener) {
  const at = await serve(answer);
  const reference = parseOciReference('registry.test/acme/voice:1');
  if ('problem' in reference) throw new Error(reference.problem);
  const registry = new Registry({
    reference,
    login: { secret: 'pull', username: 'puller', password: 'secret' },
    fetch: (url, init) => fetch(String(url).replace('https://registry.test', at), init),
    signal: never,
  });
  return registry.get('manifests/1', 'application/json');
}

test.each<[string, (local: string) => RequestListener]>([
  [
    'for a token',
    (local) => (_request, response) => {
      const realm = `Bearer realm="${local}/oauth2/token"`;
      response.writeHead(401, { 'www-authenticate': realm }).end();
    },
  ],
  [
    'for a file',
    (local) => (_request, response) => {
      response.writeHead(307, { location: `${local}/x` }).end();
    },
  ],
])('a registry elsewhere makes setup ask no service of this machine %s', async (_, answerOf) => {
  const asked: (string | undefined)[] = [];
  const local = await serve((request, response) => {
    asked.push(request.url);
    response.end('{"access_token":"of-this-machine"}');
  });
  await expect(pullFrom(answerOf(local))).rejects.toThrow('registry.test');
  expect(asked).toEqual([]);
});

test.each([
  'localhost.',
  'store.localhost',
  '0.0.0.0',
  '0',
  '0x7f.1',
  '[::]',
  '[::ffff:127.0.0.1]',
])('a registry elsewhere cannot redirect to this machine as %s', async (host) => {
  const pulled = pullFrom((_request, response) => {
    response.writeHead(307, { location: `https://${host}:1/x` }).end();
  });
  await expect(pulled).rejects.toThrow('on this machine');
});
