import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { gitLogin } from '../../src/git/remote/login.ts';
import { parseRemoteUrl } from '../../src/git/remote/url.ts';
import { setupCommand } from '../../src/setup/command.ts';
import { serveGit } from '../support/git-http-server.ts';
import { printed } from '../support/printed.ts';
import { mountSecret } from '../support/secret.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { codingSpec, makePlace, never, withSpec } from '../support/team.ts';

let credentials: string;
let temporary: string;
beforeEach(async () => {
  credentials = await temporaryDirectory();
  temporary = await temporaryDirectory();
});

async function login(url: string, secret: Readonly<Record<string, string>>) {
  for (const [key, value] of Object.entries(secret)) {
    await writeFile(join(credentials, key), value);
  }
  const remote = parseRemoteUrl(url);
  if (remote.kind !== 'http') throw new Error(`${url} is not an http URL`);
  const found = await gitLogin({}, remote, credentials, temporary);
  return found && `${found.username}:${await readFile(found.tokenFile, 'utf8')}`;
}

test.each([
  ['https://github.com/acme/backend.git', {}, undefined],
  ['https://github.com/acme/backend.git', { token: 'ghp_1' }, 'x-access-token:ghp_1'],
  ['https://git.example.com/acme/backend.git', { token: 't' }, 'x-access-token:t'],
  ['https://gitlab.com/acme/backend.git', { token: 'glpat-1' }, 'oauth2:glpat-1'],
  [
    'https://gitlab.example.com:8443/acme/backend.git',
    { token: 'gldt-1', username: 'gitlab+deploy-token-7\n' },
    'gitlab+deploy-token-7:gldt-1',
  ],
  ['https://bitbucket.org/acme/backend.git', { token: 'ATCTT3x' }, 'x-token-auth:ATCTT3x'],
  [
    'https://bitbucket.org/acme/backend.git',
    { token: 'ATATT3x' },
    'x-bitbucket-api-token-auth:ATATT3x',
  ],
  ['https://bitbucket.org/acme/backend.git', { token: 'ATBB1', username: 'ada' }, 'ada:ATBB1'],
  ['https://dev.azure.com/acme/shop/_git/backend', { token: 'pat1' }, 'pat:pat1'],
  ['https://acme.visualstudio.com/shop/_git/backend', { token: 'pat1' }, 'pat:pat1'],
])('%s with %j', async (url, secret, want) => expect(await login(url, secret)).toBe(want));

test.each([
  ['https://gitlab.com/a/b.git', { token: 'gldt-1' }, /GitLab deploy token.*key `username`/],
  ['https://bitbucket.org/a/b.git', { token: 'ATBB1' }, /Bitbucket app password.*key `username`/],
  ['https://github.com/a/b.git', { token: 't', username: '$(id)' }, /may contain only letters/],
  ['http://git.example.com/a/b.git', { token: 't' }, /unencrypted/],
])('%s refuses %j', async (url, secret, words) => {
  await expect(login(url, secret)).rejects.toThrow(words);
});

test('a GitLab deploy token clones', async () => {
  const served = await temporaryDirectory();
  await mkdir(join(served, 'acme'));
  await makeRepository(join(served, 'source'), { 'a.txt': 'one\n' });
  await shell(served, 'git clone --quiet --bare source acme/backend.git');
  const git = await serveGit(served, 'gitlab+deploy-token-7:gldt-1');
  try {
    const place = await makePlace();
    await mountSecret(place, 'git', { token: 'gldt-1', username: 'gitlab+deploy-token-7' });
    const url = git.url.replace('127.0.0.1', 'gitlab.localhost');
    const spec = codingSpec(`${url}/acme/backend.git`, { api: {} });
    const { result, log } = await printed(() => setupCommand(withSpec(place, spec), [], never));
    expect({ result, log }).toMatchObject({ result: 0 });
  } finally {
    await git.close();
  }
});
