import { once } from 'node:events';
import { access, lstat, readdir, readFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { DOCKER_CONFIG_KEY, type FetchedSpec, LEAD, PATHS, VOLUME } from '@agentteam/contract';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Header } from 'tar';
import { setupCommand } from '../../src/setup/command.ts';
import { printed } from '../support/printed.ts';
import {
  archiveOf,
  LOGIN,
  PASSWORD,
  type PushedLayer,
  push,
  pushIndex,
  startRegistryWithPassword,
  startRegistryWithTokens,
  type TestRegistry,
  USER,
} from '../support/registry.ts';
import { mountSecret } from '../support/secret.ts';
import { shell } from '../support/shell.ts';
import { makePlace, never, type Place, withSpec } from '../support/team.ts';

let registry: TestRegistry;
let fronts: Server[] = [];
beforeAll(async () => {
  registry = await startRegistryWithPassword();
});
afterAll(() => registry.close());
afterEach(() => {
  for (const front of fronts) {
    front.closeAllConnections();
    front.close();
  }
  fronts = [];
});

const SKILL = '---\nname: voice\ndescription: d\n---\nSpeak.\n';
const voice = () =>
  archiveOf((directory) =>
    shell(
      directory,
      `printf -- '${SKILL.replaceAll('\n', '\\n')}' > SKILL.md; mkdir bin; echo 'echo hi' > bin/run; chmod 755 bin/run`,
    ),
  );

interface Options extends Partial<Omit<FetchedSpec, 'from'>> {
  readonly host?: string;
  /** Absent: no Secret. */
  readonly password?: string;
  readonly place?: Place;
}

/** Runs the real setup of a team with one skill. */
async function setUp(
  name: string,
  { host = registry.host, password, place, ...spec }: Options = {},
) {
  const at = place ?? (await makePlace());
  if (password !== undefined) {
    const auth = Buffer.from(`${USER}:${password}`).toString('base64');
    const config = { auths: { 'https://other.test': { auth: 'eDp5' }, [host]: { auth } } };
    await mountSecret(at, 'registry/pull', { [DOCKER_CONFIG_KEY]: JSON.stringify(config) });
  }
  const fetched: FetchedSpec = {
    id: 'one',
    kind: 'skill',
    name: 'voice',
    field: 'lead.skills[0].source.oci',
    timeoutSeconds: 120,
    maxBytes: 1 << 20,
    from: { kind: 'oci', reference: `${host}/${name}`, pullSecrets: ['absent', 'pull'] },
    ...spec,
  };
  const member = {
    name: LEAD,
    role: 'lead',
    model: 'opus',
    prompt: 'p',
    dependsOn: [],
    cwd: PATHS.work,
  };
  const team = { team: 'crew', namespace: 'dev', members: [member], fetched: [fetched] };
  const { result: code, log } = await printed(() => setupCommand(withSpec(at, team), [], never));
  const files = join(at.volume, VOLUME.fetched, 'one');
  const read = (file: string) => readFile(join(files, file), 'utf8');
  return { code, log, files, read, place: at };
}

describe.each([
  ['by tag', (name: string, _digest: string) => name],
  ['by digest', (name: string, digest: string) => `${name.split(':')[0]}@${digest}`],
  ['by both', (name: string, digest: string) => `${name}@${digest}`],
])('%s', (_how, reference) => {
  test('a skill is pulled with the right password', async () => {
    const digest = await push(registry.host, 'acme/voice:1', [await voice()]);
    const { code, log, read, files } = await setUp(reference('acme/voice:1', digest), {
      password: PASSWORD,
    });
    expect({ code, log }).toEqual({ code: 0, log: expect.stringContaining(digest) });
    expect(await read('SKILL.md')).toBe(SKILL);
    expect((await lstat(join(files, 'bin/run'))).mode & 0o777).toBe(0o755);
    expect(log).not.toContain(PASSWORD);
  });

  test.each([
    ['a wrong one', 'wrong', 'it does not accept the login of the Secret pull'],
    ['none', undefined, 'it needs a login, and no Secret has one for it'],
  ])('a skill is refused with %s', async (_what, password, words) => {
    const digest = await push(registry.host, 'acme/voice:1', [await voice()]);
    const options = password === undefined ? {} : { password };
    const { code, log, place } = await setUp(reference('acme/voice:1', digest), options);
    expect(code).toBe(68);
    expect(log).toContain('the skill voice (lead.skills[0].source.oci)');
    expect(log).toContain(words);
    expect(await readdir(join(place.volume, VOLUME.fetched))).toEqual([]);
    // The team's files are missing, so no agent can start.
    await expect(access(join(place.volume, VOLUME.state, 'set-up.json'))).rejects.toThrow();
  });
});

test('a tag is resolved once for the team, whatever it names later', async () => {
  const file = (content: string): PushedLayer => ({
    content: Buffer.from(content),
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    annotations: { 'org.opencontainers.image.title': 'SKILL.md' },
  });
  await push(registry.host, 'acme/moving:latest', [file('first')]);
  const { place, read } = await setUp('acme/moving:latest', { password: PASSWORD });
  expect(await read('SKILL.md')).toBe('first');
  await push(registry.host, 'acme/moving:latest', [file('second')]);
  const again = await setUp('acme/moving:latest', { password: PASSWORD, place });
  expect({ code: again.code, text: await again.read('SKILL.md') }).toEqual({
    code: 0,
    text: 'first',
  });
});

test('a team that is set up gets a skill that a retry has added', async () => {
  await push(registry.host, 'acme/voice:1', [await voice()]);
  const { place } = await setUp('acme/voice:1', { password: PASSWORD });
  const { code } = await setUp('acme/voice:1', { password: PASSWORD, place, id: 'two' });
  expect(code).toBe(0);
  expect(await readFile(join(place.volume, VOLUME.fetched, 'two/SKILL.md'), 'utf8')).toBe(SKILL);
});

test('the image for this machine is taken from an index, and its layers lie over each other', async () => {
  const base = await archiveOf((at) =>
    shell(at, 'mkdir voice; echo old > voice/SKILL.md; echo kept > voice/a'),
  );
  const over = await archiveOf((at) => shell(at, 'mkdir voice; echo new > voice/SKILL.md'), {});
  const zstd = {
    content: zstdCompressSync(over.content),
    mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
  };
  const other = await push(registry.host, 'acme/multi:other', [await voice()]);
  const own = await push(registry.host, 'acme/multi:own', [base, zstd]);
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  await pushIndex(registry.host, 'acme/multi:1', [
    { digest: other, architecture: 's390x' },
    { digest: own, architecture },
  ]);
  const { code, log, read } = await setUp('acme/multi:1', { password: PASSWORD });
  expect({ code, log }).toMatchObject({ code: 0 });
  expect([await read('SKILL.md'), await read('a')]).toEqual(['new\n', 'kept\n']);
});

test('a registry with a token service gives a token for this repository alone', async () => {
  const tokens = await startRegistryWithTokens();
  try {
    const authorization = async (scope: string) => {
      const realm =
        (await fetch(`http://${tokens.host}/v2/`)).headers.get('www-authenticate') ?? '';
      const [, url = ''] = /realm="([^"]+)"/.exec(realm) ?? [];
      const query = `service=registry.test&scope=${scope}`;
      const answer = await fetch(`${url}?${query}`, { headers: { authorization: LOGIN } });
      return `Bearer ${((await answer.json()) as { token: string }).token}`;
    };
    await push(tokens.host, 'acme/voice:1', [await voice()], authorization);
    const { code, log } = await setUp('acme/voice:1', { host: tokens.host, password: PASSWORD });
    expect({ code, log }).toMatchObject({ code: 0 });
    expect(tokens.granted.at(-1)).toBe('registry.test repository:acme/voice:pull');
    const refused = await setUp('acme/voice:1', { host: tokens.host, password: 'wrong' });
    expect(refused.code).toBe(68);
    expect(refused.log).toContain('it does not accept the login of the Secret pull');
  } finally {
    await tokens.close();
  }
});

/** A server in front of the registry. `answer` returns whether it has answered. */
async function front(answer: (request: IncomingMessage, port: number) => Front | undefined) {
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const own = answer(request, port);
    if (own === 'never') return;
    if (own !== undefined) return void response.writeHead(own.status, own.headers).end(own.body);
    const { method, url, headers } = request;
    const [hostname, to] = registry.host.split(':');
    send({ hostname, port: to, method, path: url, headers }, (from) => {
      response.writeHead(from.statusCode ?? 500, from.headers);
      from.pipe(response);
    }).end();
  });
  fronts.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Front =
  | 'never'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

const isBlob = ({ url = '' }: IncomingMessage) => url.includes('/blobs/');

describe('a storage service to which the registry redirects', () => {
  /** Starts it behind the registry. @returns the registry's host, and the credentials that it was sent. */
  async function redirecting(answer: (response: ServerResponse, own: string) => void) {
    await push(registry.host, 'acme/voice:1', [await voice()]);
    const seen: (string | undefined)[] = [];
    const storage = createServer((request, response) => {
      seen.push(request.headers.authorization);
      answer(response, own);
    });
    fronts.push(storage);
    storage.listen(0, '127.0.0.1');
    await once(storage, 'listening');
    const own = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`;
    const location = `${own}/x?signature=1`;
    const host = await front((request) =>
      isBlob(request) ? { status: 307, headers: { location } } : undefined,
    );
    return { host, seen };
  }

  test('does not get the login', async () => {
    const { content } = await voice();
    const { host, seen } = await redirecting((response) => response.end(content));
    const { code, log } = await setUp('acme/voice:1', { host, password: PASSWORD });
    expect({ code, log }).toMatchObject({ code: 0 });
    expect(seen).toEqual([undefined]);
  });

  test.each(['Bearer realm="OWN/token"', 'Basic realm="x"'])(
    'does not get the login by asking for %s',
    async (challenge) => {
      const { host, seen } = await redirecting((response, own) => {
        const header = challenge.replace('OWN', own);
        response.writeHead(401, { 'www-authenticate': header }).end('{"token":"x"}');
      });
      const { code, log } = await setUp('acme/voice:1', { host, password: PASSWORD });
      expect({ code, log }).toMatchObject({ code: 68 });
      expect(seen).toEqual([undefined]);
    },
  );
});

test.each([
  ['another digest', { status: 200, body: 'x'.repeat(40) }, 'has another digest', 68],
  [
    'an address without encryption',
    { status: 302, headers: { location: 'http://storage.test/x' } },
    'not https',
    68,
  ],
  ['an overload', { status: 503 }, 'answered with status 503', 1],
] as const)('%s instead of a layer is refused', async (_what, answer, words, exitCode) => {
  await push(registry.host, 'acme/voice:1', [await voice()]);
  const host = await front((request) => (isBlob(request) ? answer : undefined));
  const { code, log } = await setUp('acme/voice:1', { host, password: PASSWORD });
  expect({ code, log }).toEqual({ code: exitCode, log: expect.stringContaining(words) });
});

test('a registry that is too slow is refused after the timeout, with the field to raise', async () => {
  await push(registry.host, 'acme/voice:1', [await voice()]);
  const host = await front((request) => (isBlob(request) ? 'never' : undefined));
  const { code, log } = await setUp('acme/voice:1', {
    host,
    password: PASSWORD,
    timeoutSeconds: 1,
  });
  expect(code).toBe(68);
  expect(log).toContain('took longer than 1 s: set timeout to a longer time');
});

test('nothing is at the address', async () => {
  const host = await front(() => undefined);
  fronts.pop()?.close();
  const { code, log } = await setUp('acme/voice:1', { host });
  expect(code).toBe(1);
  expect(log).toContain(`${host} could not be reached`);
});

test('a tag that does not exist is named', async () => {
  const { code, log } = await setUp('acme/voice:9', { password: PASSWORD });
  expect({ code, log }).toEqual({
    code: 68,
    log: expect.stringContaining(
      'has no acme/voice with 9, or the login of the Secret pull may not see it',
    ),
  });
});

/** An archive of entries that no tool would make. */
function handmade(...entries: readonly object[]): PushedLayer {
  const blocks = entries.map((entry) => {
    const header = new Header({ mode: 0o644, size: 0, type: 'File', ...entry });
    header.encode();
    return header.block ?? Buffer.alloc(0);
  });
  const content = Buffer.concat([...blocks, Buffer.alloc(1024)]);
  return { content, mediaType: 'application/vnd.oci.image.layer.v1.tar' };
}

const link = (path: string, linkpath: string) => ({ path, linkpath, type: 'SymbolicLink' });

test.each([
  [
    'an absolute path',
    [handmade({ path: '/tmp/agentteam-escaped' })],
    'a path that leads out of it',
  ],
  ['a path with dots', [handmade({ path: 'a/../../escaped' })], 'a path that leads out of it'],
  ['a link out', [handmade(link('l', '../../etc'))], 'a link that leads out of it'],
  ['an absolute link', [handmade(link('l', '/etc'))], 'a link that leads out of it'],
  [
    'links that lead out together',
    [
      handmade(
        { path: 'r/', type: 'Directory' },
        { path: 'SKILL.md' },
        link('p/q/l', '../../r'),
        link('p/q/m', 'l/../../x'),
      ),
    ],
    'a link that leads out of it',
  ],
  [
    'a file behind a link',
    [handmade(link('l', 'r')), handmade({ path: 'l/x' })],
    'cannot be unpacked',
  ],
  [
    'a hard link',
    [handmade({ path: 'h', linkpath: 'SKILL.md', type: 'Link' })],
    'neither a file nor a directory (Link)',
  ],
  [
    'a device',
    [handmade({ path: 'd', type: 'CharacterDevice', devmaj: 1, devmin: 3 })],
    'neither a file nor a directory (CharacterDevice)',
  ],
  ['a pipe', [handmade({ path: 'f', type: 'FIFO' })], 'neither a file nor a directory (FIFO)'],
  [
    'garbage',
    [{ content: Buffer.from('x'.repeat(600)), mediaType: 'application/x-tar' }],
    'cannot be unpacked',
  ],
  [
    'a layer that is no archive',
    [{ content: Buffer.from('x'), mediaType: 'text/plain' }],
    'neither an archive (tar) nor a file',
  ],
  [
    'a file that leads out',
    [
      {
        content: Buffer.from('x'),
        mediaType: 'text/plain',
        annotations: { 'org.opencontainers.image.title': '../x' },
      },
    ],
    'a path that leads out of it',
  ],
  ['no SKILL.md', [handmade({ path: 'README.md' })], 'it has no SKILL.md'],
] as const)('%s is refused', async (_what, layers, words) => {
  await push(registry.host, 'acme/hostile:1', layers);
  const { code, log, place } = await setUp('acme/hostile:1', { password: PASSWORD });
  expect({ code, log }).toEqual({ code: 64, log: expect.stringContaining(words) });
  expect(await readdir(join(place.volume, VOLUME.fetched))).toEqual([]);
});

test.each([
  [
    'the download',
    () => archiveOf((at) => shell(at, 'touch SKILL.md; head -c 300000 /dev/urandom > noise')),
  ],
  [
    'what the archive expands to',
    () => archiveOf((at) => shell(at, 'touch SKILL.md; head -c 9000000 /dev/zero > zeros')),
  ],
])('%s is too large', async (_what, layer) => {
  await push(registry.host, 'acme/large:1', [await layer()]);
  const { code, log } = await setUp('acme/large:1', { password: PASSWORD, maxBytes: 256 << 10 });
  expect(code).toBe(64);
  expect(log).toContain('is larger than 256 KiB: set maxSize to a larger size');
});

test('an archive with too many entries is refused', async () => {
  const many = Array.from({ length: 10_001 }, (_, index) => ({ path: `f${index}` }));
  await push(registry.host, 'acme/many:1', [handmade(...many)]);
  const { code, log } = await setUp('acme/many:1', { password: PASSWORD, maxBytes: 64 << 20 });
  expect({ code, log }).toEqual({
    code: 64,
    log: expect.stringContaining('more than 10000 entries'),
  });
});

test('a Secret that is no Docker configuration is named, and its content is not', async () => {
  const place = await makePlace();
  await mountSecret(place, 'registry/pull', { [DOCKER_CONFIG_KEY]: 'token-in-plain-text' });
  const { code, log } = await setUp('acme/voice:1', { place });
  expect(code).toBe(64);
  expect(log).toContain('of the Secret pull is not a Docker configuration');
  expect(log).not.toContain('token-in-plain-text');
});
