import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const PROGRAM = fileURLToPath(new URL('./support/rebinding.ts', import.meta.url));

/** Namespaces of its own: a loopback with one more address, and a name server that it asks. */
const ALONE = `
ip link set lo up
ip address add 203.0.113.7/32 dev lo
mount --bind "$RESOLV" "$(realpath /etc/resolv.conf)"
exec "$NODE" --conditions=source --disable-warning=ExperimentalWarning "$PROGRAM"
`;

test('a name that answers with a public address first and with ours then gains nothing', async () => {
  const resolv = join(await mkdtemp(join(tmpdir(), 'agentteam-dns-')), 'resolv.conf');
  await writeFile(resolv, 'nameserver 127.0.0.1\n');
  const alone = ['--map-root-user', '--net', '--mount', 'sh', '-euc', ALONE];
  const { stdout } = await promisify(execFile)('unshare', alone, {
    env: {
      PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
      RESOLV: resolv,
      NODE: process.execPath,
      PROGRAM,
    },
  }).catch((error: Error) => {
    throw new Error(`This test needs user namespaces and ip: apt-get install iproute2`, {
      cause: error,
    });
  });
  expect(JSON.parse(stdout)).toEqual({
    // The trap is real: who checks the name and then calls it calls this machine.
    apart: { calls: ['127.0.0.1'] },
    first: { calls: ['203.0.113.7'] },
    second: {
      calls: [],
      error: expect.stringContaining('hooks.example.com (127.0.0.1) is a private'),
    },
  });
});
