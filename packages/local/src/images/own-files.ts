import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PATHS } from '@agentteam/contract';
import { removeTreesNow } from '@agentteam/volume';
import type { HostMount } from '../sandbox/bubblewrap.ts';
import { HOST_NAME } from '../sandbox/isolation.ts';

/**
 * Creates the files that the engine gives a container: an empty termination log, an address book without
 * anything of this machine, and others.
 * @param root a directory of this machine, which is emptied.
 * @param others texts by path.
 */
export function ownFiles(
  root: string,
  others: Readonly<Record<string, string>> = {},
): readonly HostMount[] {
  removeTreesNow([root]);
  const files = {
    '/etc/hosts': `127.0.0.1 localhost ${HOST_NAME}\n::1 localhost\n`,
    '/etc/resolv.conf': '# There is no DNS here. The gateway in HTTPS_PROXY resolves names.\n',
    ...others,
    [PATHS.terminationLog]: '',
  };
  return Object.entries(files).map(([path, text]) => {
    const host = join(root, path);
    mkdirSync(dirname(host), { recursive: true });
    writeFileSync(host, text);
    return { host, path, readOnly: path !== PATHS.terminationLog };
  });
}
