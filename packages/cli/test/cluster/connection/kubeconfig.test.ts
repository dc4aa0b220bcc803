import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { readKubeconfig } from '../../../src/cluster/connection/kubeconfig.ts';
import { agentteam } from '../../commands/agentteam.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

/** Writes a kubeconfig with its own context and a cluster named `shared`. */
async function kubeconfig(directory: string, name: string, server: string): Promise<string> {
  const path = join(directory, `${name}.yaml`);
  const text = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'shared', cluster: { server } }],
    users: [{ name, user: { token: name } }],
    contexts: [{ name, context: { cluster: 'shared', user: name } }],
    'current-context': name,
  });
  await writeFile(path, text);
  return path;
}

test('merges several files; the first entry wins and missing files are ignored', async () => {
  const directory = await temporary();
  const files = [
    join(directory, 'missing.yaml'),
    await kubeconfig(directory, 'first', 'https://first.example.com'),
    await kubeconfig(directory, 'second', 'https://second.example.com'),
  ];
  const config = readKubeconfig(undefined, files.join(delimiter));
  expect(config.getCurrentContext()).toBe('first');
  expect(config.getCurrentCluster()?.server).toBe('https://first.example.com');
  expect(config.getContexts().map(({ name }) => name)).toEqual(['first', 'second']);
  config.setCurrentContext('second');
  expect(config.getCurrentUser()?.token).toBe('second');
});

test('connects to a server without TLS', async () => {
  const directory = await temporary();
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end('{"items": []}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const path = await kubeconfig(directory, 'plain', `http://127.0.0.1:${port}`);
    const listed = await agentteam(['list', '-A', '--kubeconfig', path], directory);
    expect(listed.exitCode).toBe(0);
    expect(listed.stderr).toContain('There are no teams in any namespace');
  } finally {
    server.close();
  }
});

test.each([
  ['no kubeconfig', {}, 'no kubeconfig found'],
  ['a missing file', { KUBECONFIG: '/nowhere' }, 'KUBECONFIG=/nowhere: the file does not exist'],
  ['a directory', { KUBECONFIG: '/' }, 'KUBECONFIG: / is not a kubeconfig'],
])('%s exits with 2 and a hint', async (_case, env, message) => {
  const { exitCode, stderr } = await agentteam(['list', '-A'], await temporary(), env);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toContain('Use --kubeconfig or KUBECONFIG to choose a file.');
  expect(stderr).not.toContain('--verbose');
});
