import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setupCommand } from '../../src/setup/command.ts';
import { exists } from '../../src/step/exists.ts';
import { type GitHttpServer, serveGit } from '../support/git-http-server.ts';
import { startLfs } from '../support/lfs-server.ts';
import { printed } from '../support/printed.ts';
import { mountSecret } from '../support/secret.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { type SshServer, startSshd } from '../support/ssh-server.ts';
import { codingSpec, makePlace, never, withSpec } from '../support/team.ts';

const OID = createHash('sha256').update('large\n').digest('hex');
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${OID}\nsize 6\n`;
const LARGE = { '.gitattributes': '*.bin filter=lfs -text\n', 'big.bin': POINTER };

let ssh: SshServer;
let http: GitHttpServer;
let served: string;
/** A directory with an `ssh` that notes each call, and then is the real one. */
let noting: string;
let calls: string;
const path = process.env['PATH'];
beforeAll(async () => {
  ssh = await startSshd();
  served = (await temporaryDirectory()).replaceAll(' ', '-');
  await mkdir(join(served, 'acme'), { recursive: true });
  http = await serveGit(served);
  noting = await temporaryDirectory();
  calls = join(noting, 'calls');
  const real = await shell('/', 'command -v ssh');
  await writeFile(join(noting, 'ssh'), `#!/bin/sh\necho "$@" >> '${calls}'\nexec ${real} "$@"\n`);
  await chmod(join(noting, 'ssh'), 0o755);
  process.env['PATH'] = [noting, path].join(delimiter);
});
afterAll(async () => {
  process.env['PATH'] = path;
  await ssh.close();
  await http.close();
});
beforeEach(() => writeFile(calls, ''));

/** Makes the repository `acme/<name>.git`. @param script runs in its worktree, before everything is committed. */
async function repository(name: string, files: Record<string, string>, script = ':') {
  const work = join(served, name);
  await makeRepository(work, { 'a.txt': 'one\n', ...files });
  await shell(
    work,
    `git add -A .; ${script}; for file in .lfsconfig .gitmodules; do if [ -f $file ]; then git add $file; fi; done; git commit -qm more --allow-empty; git clone -q --bare . ../acme/${name}.git`,
  );
  return join(served, 'acme', `${name}.git`);
}

async function setUp(url: string, secret: Record<string, string> = {}) {
  const place = await makePlace();
  await mountSecret(place, 'git', secret);
  const spec = codingSpec(url, { api: {} });
  return { place, ...(await printed(() => setupCommand(withSpec(place, spec), [], never))) };
}

const sshSecret = () => ({ 'ssh-privatekey': ssh.key, known_hosts: ssh.knownHosts });

/** A file that a command can make, in a path that no shell and no URL reads differently. */
async function markPath(): Promise<string> {
  const directory = (await temporaryDirectory()).replaceAll(' ', '-');
  await mkdir(directory, { recursive: true });
  return join(directory, 'mark');
}

describe('Git LFS', () => {
  const set = (key: string, url: string) => `git config -f .lfsconfig '${key}' '${url}'`;

  test.each(['lfs.url', 'remote.origin.lfsurl'])(
    'runs no command on the host of the repository by %s',
    async (key) => {
      const mark = await markPath();
      const url = `${ssh.url}/x%3Btouch%20${mark}%3B`;
      const at = await repository(key.replace(/\W/g, ''), LARGE, set(key, url));
      const { result, log } = await setUp(`${ssh.url}${at}`, sshSecret());
      expect({ result, ran: await exists(mark) }).toEqual({ result: 64, ran: false });
      expect(log).toContain(`.lfsconfig sets ${key} to "ssh://`);
    },
  );

  test.each([
    ['a value with a line break', (url: string) => `[a]\n\tb = "x\\nlfs.url=${url}"\n`],
    ['a key with an equals sign', (url: string) => `[lfs "url=${url}"]\n\tb = c\n`],
  ])('runs no command on the host of the repository by %s', async (name, config) => {
    const mark = await markPath();
    const text = config(`${ssh.url}/x%3Btouch%20${mark}%3B`);
    const at = await repository(name.replace(/\W/g, '-'), { ...LARGE, '.lfsconfig': text });
    const { result, log } = await setUp(`${ssh.url}${at}`, sshSecret());
    expect({ result, ran: await exists(mark) }).toEqual({ result: 64, ran: false });
    expect(log).toMatch(/\.lfsconfig sets lfs\.url to "ssh:/i);
  });

  test.each(['include.path', 'includeIf.gitdir:/.path'])(
    'takes no address from a file that is included by %s',
    async (key) => {
      const mark = await markPath();
      const file = `${mark}.config`;
      await writeFile(file, `[lfs]\n\turl = ${ssh.url}/x%3Btouch%20${mark}%3B\n`);
      const at = await repository(key.replace(/\W/g, ''), LARGE, set(key, file));
      const { result, log } = await setUp(`${ssh.url}${at}`, sshSecret());
      expect({ result, ran: await exists(mark) }).toEqual({ result: 64, ran: false });
      expect(log).toContain('.lfsconfig includes another file');
    },
  );

  test('runs no command by the path of the repository', async () => {
    const mark = await markPath();
    await mkdir(join(served, `x;touch ${mark};`), { recursive: true });
    const at = await repository('odd', LARGE);
    await shell(served, `mkdir -p "$(dirname "$TO")"; mv "${at}" "$TO"`, {
      TO: join(served, `x;touch ${mark};`, 'odd.git'),
    });
    const url = `${ssh.url}${served}/x%3Btouch%20${mark}%3B/odd.git`;
    const { result, log } = await setUp(url, sshSecret());
    expect({ result, ran: await exists(mark) }).toEqual({ result: 64, ran: false });
    expect(log).toContain('does not quote the path of an SSH URL');
  });

  test.each([
    'file:///srv/other.git',
    '/srv/other.git',
    'git@127.0.0.1:other.git',
    'http://localhost:1/',
    'http://127.0.0.1\\@localhost/',
    'http://127.0.0.1@localhost/',
  ])('uses no server at %s that a repository names', async (url) => {
    await repository(`at-${url.replace(/\W/g, '-')}`, LARGE, set('lfs.url', url));
    const { result, log } = await setUp(`${http.url}/acme/at-${url.replace(/\W/g, '-')}.git`);
    expect({ result, log }).toMatchObject({ result: 64 });
    expect(log).toContain('only an http or https server of Git LFS at');
    expect(await readFile(calls, 'utf8')).toBe('');
  });

  test('asks no server that only the checked out .lfsconfig names', async () => {
    const requests: string[] = [];
    const lfs = (request: IncomingMessage, response: ServerResponse) => {
      requests.push(request.url ?? '');
      response.writeHead(404).end();
    };
    const other = await serveGit(served, undefined, { lfs });
    const { objects, answer, close } = await startLfs();
    objects.set(OID, Buffer.from('large\n'));
    const server = await serveGit(served, undefined, { lfs: answer });
    // The commit's file is in another encoding, which is no configuration. A pointer with another size is not fetched.
    const files = {
      '.gitattributes': `${LARGE['.gitattributes']}.lfsconfig working-tree-encoding=IBM037\n`,
      '.lfsconfig': `[lfs]\n\turl = ${other.url}/other.git/info/lfs\n`,
    };
    const again = POINTER.replace('size 6', 'size 5');
    await repository('encoded', { ...LARGE, ...files, 'big2.bin': again }, 'git add -A');
    const { result, log } = await setUp(`${server.url}/acme/encoded.git`);
    await Promise.all([close(), server.close(), other.close()]);
    expect({ result, log, requests }).toMatchObject({ requests: [] });
    expect(result).not.toBe(0);
    expect(log).toContain('smudge filter lfs failed');
  });

  test('of a local repository takes the files from that repository', async () => {
    const at = await repository('local', LARGE, set('lfs.url', `${ssh.url}/x`));
    const store = join(at, 'lfs/objects', OID.slice(0, 2), OID.slice(2, 4));
    await mkdir(store, { recursive: true });
    await writeFile(join(store, OID), 'large\n');
    const { place, result, log } = await setUp(at);
    expect({ result, log }).toMatchObject({ result: 0 });
    const tree = join(place.volume, 'repository/trees/api');
    expect(await shell(tree, 'cat big.bin')).toBe('large');
    expect(await readFile(calls, 'utf8')).toBe('');
  });

  test('at the host of the repository is used', async () => {
    const { objects, answer, close } = await startLfs();
    objects.set(OID, Buffer.from('large\n'));
    const server = await serveGit(served, undefined, { lfs: answer });
    await repository('here', LARGE, set('lfs.url', `${server.url}/other.git/info/lfs`));
    const { place, result, log } = await setUp(`${server.url}/acme/here.git`);
    await Promise.all([close(), server.close()]);
    expect({ result, log }).toMatchObject({ result: 0 });
    const tree = join(place.volume, 'repository/trees/api');
    expect(await shell(tree, 'cat big.bin')).toBe('large');
  });
});

describe('a submodule over SSH', () => {
  const submodule = (url: string) =>
    `git config -f .gitmodules submodule.lib.path lib; git config -f .gitmodules submodule.lib.url '${url}'; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),lib`;

  test('of a repository without a key is not fetched with the keys of the user', async () => {
    await repository('http', {}, submodule(`${ssh.url}${served}/acme/private.git`));
    const { result, log } = await setUp(`${http.url}/acme/http.git`);
    expect({ result, log }).toMatchObject({ result: 64 });
    expect(log).toContain("there is a key for the repository's own URL only");
    expect(await readFile(calls, 'utf8')).toBe('');
  });

  test('of a submodule is not fetched with the keys of the user either', async () => {
    await repository('inner', {}, submodule(`${ssh.url}${served}/acme/private.git`));
    const inner = await shell(join(served, 'inner'), 'git rev-parse HEAD');
    const outer = `${submodule('../inner.git')}; git update-index --cacheinfo 160000,${inner},lib`;
    await repository('outer', {}, outer);
    const { result } = await setUp(`${http.url}/acme/outer.git`);
    expect(result).not.toBe(0);
    expect(await readFile(calls, 'utf8')).toBe('');
  });

  test('at the host of the repository is fetched with its key', async () => {
    const at = await repository('own', {}, 'true');
    const tip = await shell(join(served, 'own'), 'git rev-parse HEAD');
    const script = `${submodule(`${ssh.url}${at}`)}; git update-index --cacheinfo 160000,${tip},lib`;
    const { place, result, log } = await setUp(
      `${ssh.url}${await repository('around', {}, script)}`,
      sshSecret(),
    );
    expect({ result, log }).toMatchObject({ result: 0 });
    expect(await shell(join(place.volume, 'repository/trees/api/lib'), 'cat a.txt')).toBe('one');
  });

  test('at another host is not fetched with the key, although the Secret knows that host', async () => {
    // Two names of one server.
    const known = `${ssh.knownHosts}\n${ssh.knownHosts.replace('127.0.0.1', 'localhost')}`;
    const at = await repository('elsewhere', {}, 'true');
    const inner = submodule(ssh.url.replace('127.0.0.1', 'localhost') + at);
    await repository('middle', {}, inner);
    const tip = await shell(join(served, 'middle'), 'git rev-parse HEAD');
    const outer = `${submodule('../middle.git')}; git update-index --cacheinfo 160000,${tip},lib`;
    const around = await repository('beyond', {}, outer);
    const { result, log } = await setUp(`${ssh.url}${around}`, {
      ...sshSecret(),
      known_hosts: known,
    });
    expect(result).toBe(68);
    expect(log).toMatch(/host key of .* is unknown/);
  });
});
