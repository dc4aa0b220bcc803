import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { closedBelow } from '../../src/sandbox/etc.ts';

test('what not every user may read is covered, at any depth', () => {
  const directory = mkdtempSync(join(tmpdir(), 'agentteam etc-'));
  const at = (name: string): string => join(directory, name);
  try {
    mkdirSync(at('management/private'), { recursive: true });
    for (const name of ['net.properties', 'management/password', 'management/private/key']) {
      writeFileSync(at(name), 'x');
    }
    symlinkSync('management/password', at('link'));
    chmodSync(at('net.properties'), 0o644);
    chmodSync(at('management/password'), 0o600);
    chmodSync(at('management'), 0o755);
    chmodSync(at('management/private'), 0o700);
    expect(closedBelow(directory).toSorted()).toEqual(
      [
        ...['--ro-bind', '/dev/null', at('management/password')],
        ...['--tmpfs', at('management/private'), '--remount-ro', at('management/private')],
      ].toSorted(),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});
