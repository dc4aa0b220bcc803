import { once } from 'node:events';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PATHS } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { type Answer, reply } from './scripted-api.ts';
import { api, start, team } from './setting.ts';
import { post } from './team.ts';

let version = 0;

/** Writes a Secret as the kubelet does: a link to a new directory takes the place of the old one at once. */
async function mount(name: string, entries: Readonly<Record<string, string>>): Promise<void> {
  const directory = `${team.root}${PATHS.credentials}/${name}`;
  version += 1;
  const data = join(directory, `..version-${version}`);
  await mkdir(data, { recursive: true });
  for (const [key, value] of Object.entries(entries)) {
    await writeFile(join(data, key), value);
    await symlink(join('..data', key), join(directory, key)).catch(() => {});
  }
  await symlink(`..version-${version}`, join(directory, '..data_tmp'));
  await rename(join(directory, '..data_tmp'), join(directory, '..data'));
}

/** Accepts one credential, and refuses others as the API does. */
function accepting(credential: string): Answer {
  return (request, response) => {
    const given = request.headers.authorization ?? request.headers['x-api-key'];
    if (given === credential) return reply({})(request, response);
    response.writeHead(401, { 'content-type': 'application/json' });
    const error = { type: 'authentication_error', message: 'invalid x-api-key' };
    response.end(JSON.stringify({ type: 'error', error }));
  };
}

test('a rotated API key is used for the next request', async () => {
  await mount('api', { ANTHROPIC_API_KEY: 'first' });
  const gateway = await start();
  api.answer = accepting('first');
  expect((await post(gateway, {})).status).toBe(200);
  await mount('api', { ANTHROPIC_API_KEY: 'second' });
  api.answer = accepting('second');
  expect((await post(gateway, {})).status).toBe(200);
  expect(api.seen).toHaveLength(2);
});

test('a key that is rotated while its request is under way is used at once, without a wait', async () => {
  await mount('api', { ANTHROPIC_API_KEY: 'first' });
  const gateway = await start({ onProviderLimit: 'fail' });
  api.answer = async (request, response) => {
    await mount('api', { ANTHROPIC_API_KEY: 'second' });
    api.answer = accepting('second');
    return accepting('second')(request, response);
  };
  // The first request of the team: a refused key would end the step.
  expect((await post(gateway, {})).status).toBe(200);
  expect(api.seen.map(({ headers }) => headers['x-api-key'])).toEqual(['first', 'second']);
});

test('a rotated token of an MCP server is used for the next request', async () => {
  await mount('mcp/docs', { token: 'first' });
  const mcpServers = [{ name: 'docs', url: `${api.url}/mcp`, credential: true }];
  const gateway = await start({ mcpServers });
  api.answer = accepting('Bearer first');
  expect((await post(gateway, {}, { path: '/mcp/docs' })).status).toBe(200);
  await mount('mcp/docs', { token: 'second' });
  api.answer = accepting('Bearer second');
  expect((await post(gateway, {}, { path: '/mcp/docs' })).status).toBe(200);
});

test('a credential does not follow a redirect to another address', async () => {
  const seen: string[] = [];
  const elsewhere = createServer((request, response) => {
    seen.push(JSON.stringify(request.headers));
    response.end('{}');
  });
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  try {
    await mount('api', { ANTHROPIC_API_KEY: 'first' });
    const gateway = await start();
    const { port } = elsewhere.address() as AddressInfo;
    api.answer = (_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${port}/v1/messages` }).end();
    };
    const response = await post(gateway, {}, { redirect: 'manual' });
    expect(response.status).toBe(402);
    expect(seen).toEqual([]);
  } finally {
    elsewhere.close();
  }
});
