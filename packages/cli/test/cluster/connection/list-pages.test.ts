import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { listPages } from '../../../src/cluster/connection/list-pages.ts';
import type { Failure } from '../../../src/failure.ts';

const PATH = '/apis/claude.amcheste.io/v1alpha1/agentteams';
let server: Server;
afterEach(() => void server.close());

/** An API server with objects, which it lists in pages. @returns what it was asked for. */
async function serve(sizes: readonly number[]) {
  const asked: string[] = [];
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
    expect(pathname).toBe(PATH);
    expect(request.headers.authorization).toBe('Bearer token');
    const limit = Number(searchParams.get('limit'));
    const from = Number(searchParams.get('continue') ?? 0);
    asked.push(`${from}+${limit}`);
    const items = sizes.slice(from, from + limit).map((bytes, index) => ({
      metadata: { name: `team-${from + index}` },
      spec: { text: 'x'.repeat(bytes) },
    }));
    const next = from + limit < sizes.length ? { continue: `${from + limit}` } : {};
    response.end(JSON.stringify({ items, metadata: next }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'c', server: url, skipTLSVerify: true },
    { name: 'u', token: 'token' },
  );
  return { asked, connection: { config, server: url, namespace: 'default' } };
}

interface Named {
  readonly metadata: { readonly name: string };
}

async function read(connection: Parameters<typeof listPages>[0]) {
  const names: string[] = [];
  let isCut = false;
  for await (const page of listPages<Named>(connection, PATH)) {
    names.push(...page.items.map(({ metadata }) => metadata.name));
    isCut = page.isCut;
  }
  return { names, isCut };
}

test('ordinary objects are listed in large pages', async () => {
  const { asked, connection } = await serve(Array.from({ length: 700 }, () => 1_000));
  const { names, isCut } = await read(connection);
  expect([new Set(names).size, isCut]).toEqual([700, false]);
  expect(asked).toEqual(['0+500', '500+500']);
});

test('large objects are listed in small pages, and no more than there is room for', async () => {
  const { asked, connection } = await serve(Array.from({ length: 40 }, () => 1_500_000));
  const { names, isCut } = await read(connection);
  expect(asked.slice(0, 4)).toEqual(['0+500', '0+63', '0+8', '0+1']);
  expect(names.length).toBeGreaterThan(20);
  expect(names.length).toBeLessThan(35);
  expect(names).toEqual(names.map((_, index) => `team-${index}`));
  expect(isCut).toBe(true);
});

test('a few large objects are all listed', async () => {
  const { connection } = await serve([100, 3_000_000, 3_000_000, 3_000_000, 100]);
  expect(await read(connection)).toEqual({
    names: ['team-0', 'team-1', 'team-2', 'team-3', 'team-4'],
    isCut: false,
  });
});

test('a refusal is explained with its status', async () => {
  const { connection } = await serve([]);
  server.removeAllListeners('request').on('request', (_, response) => {
    response.writeHead(403).end(JSON.stringify({ message: 'you cannot list agentteams' }));
  });
  const failure = await read(connection).catch((error: Failure) => error);
  expect(failure).toMatchObject({ message: 'you cannot list agentteams', cause: { code: 403 } });
});
