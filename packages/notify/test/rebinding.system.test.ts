import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { makeCertificate } from '../../runner/test/support/certificate.ts';

/** Enters new namespaces, where the loopback has a second address and the name server is local. */
const ALONE = `
ip link set lo up
ip address add 203.0.113.7/32 dev lo
mount --bind "$RESOLV" "$(realpath /etc/resolv.conf)"
exec "$NODE" --conditions=source --disable-warning=ExperimentalWarning "$PROGRAM"
`;

/** Runs a program of `support/` in new namespaces, and returns its output. */
async function runIsolated(program: string, env: Readonly<Record<string, string>> = {}) {
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

test('a name that first resolves to a public address and then to a private one gains nothing', async () => {
  expect(await runIsolated('rebinding.ts')).toEqual({
    // This shows the attack: a separate check and call reach this machine.
    apart: { calls: ['127.0.0.1'] },
    first: { calls: ['203.0.113.7'] },
    second: {
      calls: [],
      error: expect.stringContaining('hooks.example.com (127.0.0.1) is a private'),
    },
  });
});

test('a proxy gets the checked address, and the receiver its name', async () => {
  const { key, cert, authority } = await makeCertificate(['hooks.example.com']);
  const file = join(await mkdtemp(join(tmpdir(), 'agentteam-authority-')), 'ca.crt');
  await writeFile(file, authority);
  const output = await runIsolated('proxied.ts', {
    KEY: key,
    CERT: cert,
    NODE_EXTRA_CA_CERTS: file,
  });
  expect(output).toEqual({
    results: ['taken', expect.stringContaining('hooks.example.com (10.0.0.7) is a private')],
    asked: ['203.0.113.7:443'],
    hosts: ['hooks.example.com'],
  });
});
