import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hash } from 'bcryptjs';
import { execa } from 'execa';
import { create } from 'tar';
import { freePort } from './free-port.ts';
import { temporaryDirectory } from './shell.ts';

const BUILD = fileURLToPath(new URL('./build-registry', import.meta.url));

export const USER = 'puller';
export const PASSWORD = 'a pass:word';
export const LOGIN = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;

export interface TestRegistry {
  /** `127.0.0.1:5000` */
  readonly host: string;
  close(): Promise<void>;
}

/** Starts the real registry of CNCF Distribution, which demands a login. */
export async function startRegistry(auth: readonly string[]): Promise<TestRegistry> {
  const { stdout: program } = await execa(BUILD, { stderr: 'inherit' });
  const directory = (await temporaryDirectory()).replaceAll(' ', '-');
  await mkdir(directory, { recursive: true });
  const port = await freePort();
  const config = join(directory, 'config.yml');
  const lines = [
    'version: 0.1',
    'log: { level: info }',
    `storage: { filesystem: { rootdirectory: ${directory}/data } }`,
    `http: { addr: "127.0.0.1:${port}", secret: x }`,
    ...auth,
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const child = spawn(program, ['serve', config], {
    env: { OTEL_TRACES_EXPORTER: 'none' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    const seen: string[] = [];
    log.on('line', (line) => {
      seen.push(line);
      if (line.includes('listening on')) resolve();
    });
    child.once('exit', () => reject(new Error(seen.join('\n'))));
  });
  return {
    host: `127.0.0.1:${port}`,
    close: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** The registry with a file of passwords. */
export async function startRegistryWithPassword(): Promise<TestRegistry> {
  const file = join((await temporaryDirectory()).replaceAll(' ', '-'), 'htpasswd');
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `${USER}:${await hash(PASSWORD, 4)}\n`);
  return startRegistry([`auth: { htpasswd: { realm: test, path: ${file} } }`]);
}

/** The registry with a token service, which gives tokens to {@link USER} for what is asked. */
export async function startRegistryWithTokens(): Promise<
  TestRegistry & { readonly granted: readonly string[] }
> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const directory = (await temporaryDirectory()).replaceAll(' ', '-');
  await mkdir(directory, { recursive: true });
  const jwks = join(directory, 'jwks.json');
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
  await writeFile(jwks, JSON.stringify({ keys: [key] }));
  const granted: string[] = [];
  const service = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    if (request.headers.authorization !== LOGIN) return void response.writeHead(401).end();
    const scope = url.searchParams.get('scope') ?? '';
    granted.push(`${url.searchParams.get('service')} ${scope}`);
    const [type = '', name = '', actions = ''] = scope.split(':');
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = {
      iss: 'tests',
      sub: USER,
      aud: 'registry.test',
      exp: now + 300,
      nbf: now - 10,
      iat: now,
      jti: String(granted.length),
      access: [{ type, name, actions: actions.split(',') }],
    };
    const head = `${part({ typ: 'JWT', alg: 'ES256', kid: 'one' })}.${part(claims)}`;
    const options = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
    const token = `${head}.${sign('sha256', Buffer.from(head), options).toString('base64url')}`;
    response.end(JSON.stringify({ token }));
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  const token = [
    `realm: "http://127.0.0.1:${port}/token"`,
    'service: registry.test',
    'issuer: tests',
    `jwks: ${jwks}`,
    'signingalgorithms: [ES256]',
  ];
  const registry = await startRegistry([`auth: { token: { ${token.join(', ')} } }`]);
  const close = async () => {
    service.close();
    await registry.close();
  };
  return { ...registry, granted, close };
}

export interface PushedLayer {
  readonly content: Buffer;
  readonly mediaType: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const EMPTY = Buffer.from('{}');

/** Pushes an artifact as a client does. @returns the manifest's digest. */
export async function push(
  host: string,
  name: string,
  layers: readonly PushedLayer[],
  authorization: (actions: string) => Promise<string> = async () => LOGIN,
): Promise<string> {
  const [repository = '', tag = ''] = name.split(':');
  const headers = { authorization: await authorization(`repository:${repository}:push,pull`) };
  const base = `http://${host}/v2/${repository}`;
  const describe = async ({ content, ...rest }: PushedLayer) => {
    const digest = digestOf(content);
    const begun = await fetch(`${base}/blobs/uploads/`, { method: 'POST', headers });
    const upload = new URL(begun.headers.get('location') ?? '', base);
    upload.searchParams.set('digest', digest);
    const sent = await fetch(upload, {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(content),
    });
    if (sent.status !== 201) throw new Error(`${sent.status}: ${await sent.text()}`);
    return { ...rest, digest, size: content.length };
  };
  const described = [];
  for (const layer of layers) described.push(await describe(layer));
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: await describe({ content: EMPTY, mediaType: 'application/vnd.oci.empty.v1+json' }),
    layers: described,
  };
  return putManifest(base, tag, manifest, headers);
}

/** Pushes an index over manifests that the repository has. @returns its digest. */
export async function pushIndex(
  host: string,
  name: string,
  images: readonly { readonly digest: string; readonly architecture: string }[],
): Promise<string> {
  const [repository = '', tag = ''] = name.split(':');
  const base = `http://${host}/v2/${repository}`;
  const manifests = images.map(({ digest, architecture }) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest,
    size: 1,
    platform: { os: 'linux', architecture },
  }));
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const index = { schemaVersion: 2, mediaType, manifests };
  return putManifest(base, tag, index, { authorization: LOGIN });
}

async function putManifest(
  base: string,
  tag: string,
  manifest: { readonly mediaType: string },
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const body = JSON.stringify(manifest);
  const sent = await fetch(`${base}/manifests/${tag}`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': manifest.mediaType },
    body,
  });
  if (sent.status !== 201) throw new Error(`${sent.status}: ${await sent.text()}`);
  return digestOf(Buffer.from(body));
}

export function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** An archive of what a script makes in an empty directory. */
export async function archiveOf(
  make: (directory: string) => Promise<unknown>,
  options: { readonly gzip?: boolean } = { gzip: true },
): Promise<PushedLayer> {
  const directory = await temporaryDirectory();
  await make(directory);
  const chunks: Buffer[] = [];
  for await (const chunk of create({ cwd: directory, portable: true, ...options }, ['.'])) {
    chunks.push(chunk as Buffer);
  }
  const mediaType = `application/vnd.oci.image.layer.v1.tar${options.gzip ? '+gzip' : ''}`;
  return { content: Buffer.concat(chunks), mediaType };
}
