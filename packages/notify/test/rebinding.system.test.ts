import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { makeCertificate } from '../../runner/test/support/certificate.ts';

/** Namespaces of its own: a loopback with one more address, and a name server that it asks. */
const ALONE = `
ip link set lo up
ip address add 203.0.113.7/32 dev lo
mount --bind "$RESOLV" "$(realpath /etc/resolv.conf)"
exec "$NODE" --conditions=source --disable-warning=ExperimentalWarning "$PROGRAM"
`;

/** Runs a program of `support/`, and returns what it printed. */
async function alone(program: string, env: Readonly<Record<string, string>> = {}) {
  const resolv = join(await mkdtemp(join(tmpdir(), 'agentteam-dns-')), 'resolv.conf');
  await writeFile(resolv, 'nameserver 127.0.0.1\n');
  const arguments_ = ['--map-root-user', '--net', '--mount', 'sh', '-euc', ALONE];
  const { stdout } = await promisify(execFile)('unshare', arguments_, {
    env: {
      PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
      RESOLV: resolv,
      NODE: process.execPath,
      PROGRAM: fileURLToPath(new URL(`./support/${program}`, import.meta.url)),
      ...env,
    },
  }).catch((error: Error) => {
    throw new Error(`This test needs user namespaces and ip: apt-get install iproute2`, {
      cause: error,
    });
  });
  return JSON.parse(stdout);
}

test('a name that answers with a public address first and with ours then gains nothing', async () => {
  expect(await alone('rebinding.ts')).toEqual({
    // The trap is real: who checks the name and then calls it calls this machine.
    apart: { calls: ['127.0.0.1'] },
    first: { calls: ['203.0.113.7'] },
    second: {
      calls: [],
      error: expect.stringContaining('hooks.example.com (127.0.0.1) is a private'),
    },
  });
});

test('a proxy is asked for the address that was judged, and the receiver for its name', async () => {
  const { key, cert, authority } = await makeCertificate(['hooks.example.com']);
  const file = join(await mkdtemp(join(tmpdir(), 'agentteam-authority-')), 'ca.crt');
  await writeFile(file, authority);
  const told = await alone('proxied.ts', { KEY: key, CERT: cert, NODE_EXTRA_CA_CERTS: file });
  expect(told).toEqual({
    results: ['taken', expect.stringContaining('hooks.example.com (10.0.0.7) is a private')],
    asked: ['203.0.113.7:443'],
    hosts: ['hooks.example.com'],
  });
});
