import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConsoleServer, serveConsole } from '../src/server/console/serve-console.ts';

let directory: string;
let server: ConsoleServer;

const at = (file: string): string => join(directory, file);
const openssl = (...args: readonly string[]): void =>
  void execFileSync('openssl', args, { stdio: 'pipe' });
const newKey = ['req', '-newkey', 'rsa:2048', '-nodes'];

function selfSigned(name: string): void {
  const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)];
  openssl(...newKey, '-x509', '-days', '2', '-subj', `/CN=${name}`, ...files);
}

/** A certificate of the authority that the page trusts. */
async function signed(common: string, alternative: string) {
  openssl(...newKey, '-subj', `/CN=${common}`, '-keyout', at('own.key'), '-out', at('own.csr'));
  await writeFile(at('own.ext'), `subjectAltName=${alternative}`);
  openssl(
    ...['x509', '-req', '-days', '2', '-in', at('own.csr'), '-out', at('own.crt')],
    ...['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('own.ext')],
  );
  return { cert: await readFile(at('own.crt')), key: await readFile(at('own.key')) };
}

const notAsked = () => {
  throw new Error('this test asks nothing about teams');
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentteam-proxy-'));
  for (const name of ['ca', 'tls']) selfSigned(name);
  for (const file of ['index.html', 'page.js', 'page.css']) await writeFile(at(file), '');
  server = await serveConsole({
    assets: directory,
    port: 0,
    tlsDirectory: directory,
    ingresses: new BlockList(),
    hosts: ['console.test'],
    mayAct: false,
    log: () => {},
    access: { review: notAsked, sourceOfToken: notAsked, sourceOfPerson: () => ({}) as never },
    authentication: {
      mode: 'proxy',
      userHeader: 'x-user',
      groupsHeader: 'x-groups',
      groups: [],
      userPrefix: '',
      groupPrefix: '',
      clientCaFile: at('ca.crt'),
      clientNames: ['front'],
    },
  });
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

function statusFor(certificate: object): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({
      host: '127.0.0.1',
      port: server.port,
      path: '/api/session',
      headers: { host: 'console.test', 'x-user': 'ada' },
      agent: false,
      rejectUnauthorized: false,
      ...certificate,
    })
      .on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      })
      .on('error', reject)
      .end();
  });
}

test.each([
  ['front', 'DNS:other', 200],
  ['other', 'DNS:front', 200],
  ['other', 'DNS:other', 401],
  ['other', 'DNS:*', 401],
  ['other', 'URI:http://DNS:front', 401],
  ['other', 'email:DNS:front@example.com', 401],
])('a proxy with the name %s and %s gets %s', async (common, alternative, status) => {
  expect(await statusFor(await signed(common, alternative))).toBe(status);
});
