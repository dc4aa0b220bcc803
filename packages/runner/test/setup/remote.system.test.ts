import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setupCommand } from '../../src/setup/command.ts';
import { type GitHttpServer, serveGit } from '../support/git-http-server.ts';
import { printed } from '../support/printed.ts';
import { mountSecret } from '../support/secret.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { type SshServer, startSshd } from '../support/ssh-server.ts';
import { codingSpec, makePlace, never, type Place, withSpec } from '../support/team.ts';

const TOKEN = 'ghp_a-token-that-must-not-be-seen';

async function setUp(place: Place, url: string, branch = 'main') {
  const spec = codingSpec(url, { api: {} }, { branch });
  return printed(() => setupCommand(withSpec(place, spec), [], never));
}

/** All files that setup left on the volume, as one text. */
function everything(place: Place): Promise<string> {
  return shell(place.volume, 'grep -r -a "" . || true');
}

let served: string;
beforeAll(async () => {
  served = (await temporaryDirectory()).replaceAll(' ', '-');
  await mkdir(join(served, 'acme'), { recursive: true });
  await makeRepository(join(served, 'acme', 'backend'), { 'src/a.txt': 'one\n' });
  await shell(served, 'git clone --quiet --bare acme/backend acme/backend.git');
});

describe('a repository over http', () => {
  let open: GitHttpServer;
  let closed: GitHttpServer;
  beforeAll(async () => {
    open = await serveGit(served);
    closed = await serveGit(served, `x-access-token:${TOKEN}`);
  });
  afterAll(async () => {
    await open.close();
    await closed.close();
  });

  test('is cloned without credentials if it needs none', async () => {
    const place = await makePlace();
    const { result } = await setUp(place, `${open.url}/acme/backend.git`);
    expect(result).toBe(0);
    const tree = join(place.volume, 'repository/trees/api');
    expect(await shell(tree, 'cat src/a.txt; git log --format=%s')).toBe('one\nThe beginning');
  });

  test('is cloned with the token, which is not stored anywhere', async () => {
    const place = await makePlace();
    await mountSecret(place, 'git', { token: `${TOKEN}\n` });
    const { result, log } = await setUp(place, `${closed.url}/acme/backend.git`);
    expect(result).toBe(0);
    expect(closed.authorizations.filter((header) => header !== undefined)).not.toEqual([]);
    expect(log).not.toContain(TOKEN);
    expect(await everything(place)).not.toContain(TOKEN);
  });

  test.each([
    ['a wrong token', { token: 'wrong' }],
    ['no token', {}],
  ])('refuses %s with a message, finally', async (_, secret) => {
    const place = await makePlace();
    await mountSecret(place, 'git', secret);
    const { result, log } = await setUp(place, `${closed.url}/acme/backend.git`);
    expect(result).toBe(68);
    expect(log).toMatch(/does not accept the `token`/);
  });

  test('a missing repository is reported', async () => {
    const place = await makePlace();
    const { result, log } = await setUp(place, `${open.url}/acme/nothing.git`);
    expect(result).toBe(68);
    expect(log).toMatch(/the repository does not exist/);
  });

  test('a missing branch is reported with the existing ones', async () => {
    const place = await makePlace();
    const { result, log } = await setUp(place, `${open.url}/acme/backend.git`, 'trunk');
    expect(result).toBe(64);
    expect(log).toContain('no branch trunk; correct repository.branch. Its branches are main.');
  });

  test('a host that does not answer may be tried again', async () => {
    const gone = await serveGit(served);
    await gone.close();
    const { result } = await setUp(await makePlace(), `${gone.url}/acme/backend.git`);
    expect(result).toBe(1);
  });

  test.each([
    [
      'a password in the URL',
      'https://me:secret@example.com/a/b.git',
      /it contains a user name or a password/,
    ],
    ['a protocol that runs programs', 'ext::sh -c true', /not a URL|not supported/],
    ['git:// URLs', 'git://example.com/a/b.git', /not supported/],
    ['an option', '--upload-pack=touch /tmp/x', /not a URL/],
  ])('refuses %s', async (_, url, expected) => {
    const { result, log } = await setUp(await makePlace(), url);
    expect(result).toBe(64);
    expect(log).toMatch(expected);
    expect(log).not.toContain('secret@');
  });

  test('a token is never sent unencrypted', async () => {
    const place = await makePlace();
    await mountSecret(place, 'git', { token: TOKEN });
    const { result, log } = await setUp(place, 'http://git.example.com/acme/backend.git');
    expect(result).toBe(64);
    expect(log).toContain('send the token unencrypted');
  });
});

describe('a repository over ssh', () => {
  let ssh: SshServer;
  beforeAll(async () => {
    ssh = await startSshd();
  });
  afterAll(() => ssh.close());

  const url = () => `${ssh.url}${served}/acme/backend.git`;

  test('is cloned with the key, from a known host', async () => {
    const place = await makePlace();
    // A key as pasted into a Secret: without the final newline that ssh requires.
    const key = ssh.key.trimEnd();
    await mountSecret(place, 'git', { 'ssh-privatekey': key, known_hosts: ssh.knownHosts });
    const { result, log } = await setUp(place, url());
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(await shell(join(place.volume, 'repository/trees/api'), 'cat src/a.txt')).toBe('one');
    expect(await everything(place)).not.toContain('OPENSSH PRIVATE KEY');
  });

  test('refuses a key that the host does not accept', async () => {
    const place = await makePlace();
    const secret = { 'ssh-privatekey': ssh.otherKey, known_hosts: ssh.knownHosts };
    await mountSecret(place, 'git', secret);
    const { result, log } = await setUp(place, url());
    expect(result).toBe(68);
    expect(log).toContain('does not accept the key `ssh-privatekey`');
  });

  test.each([
    ['no known_hosts', () => ({}), /host key of 127.0.0.1 is unknown/],
    [
      'a different host in known_hosts',
      () => ({ known_hosts: `example.com ${ssh.knownHosts.split(' ').slice(1).join(' ')}` }),
      /is unknown/,
    ],
    [
      'a changed host key',
      () => ({ known_hosts: ssh.otherKnownHosts }),
      /differs from the one in the Secret's/,
    ],
  ])('sends nothing to a host with %s', async (_, secret, expected) => {
    const place = await makePlace();
    await mountSecret(place, 'git', { 'ssh-privatekey': ssh.key, ...secret() });
    const { result, log } = await setUp(place, url());
    expect(result).toBe(68);
    expect(log).toMatch(expected);
    if (/is unknown/.test(log)) expect(log).toContain(`ssh-keyscan -p ${ssh.port} 127.0.0.1`);
  });

  test('names the missing Secret', async () => {
    const { result, log } = await setUp(await makePlace(), url());
    expect(result).toBe(68);
    expect(log).toContain('repository.credentialsSecret');
  });
});
