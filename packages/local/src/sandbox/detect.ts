import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isolation } from './isolation.ts';
import type { SandboxNetwork } from './network.ts';
import { coveredProc } from './proc.ts';
import { withSeccompFilter } from './seccomp.ts';

export type SandboxDetection =
  | { readonly available: true }
  | { readonly available: false; readonly why: string };

/** Tries a sandbox with all its parts: a kernel may allow some of them and forbid others. */
export function detectSandbox(network: SandboxNetwork = 'own'): SandboxDetection {
  if (process.platform !== 'linux') {
    return { available: false, why: 'the sandbox needs namespaces of the Linux kernel' };
  }
  const { status, error, stderr } = tryOut(network);
  if (status === 0) return { available: true };
  if (error !== undefined) return { available: false, why: 'bubblewrap (bwrap) is not installed' };
  const why = [`bubblewrap does not work here: ${stderr.trim()}`, ...forbidden()].join('; ');
  return { available: false, why };
}

function tryOut(network: SandboxNetwork): SpawnSyncReturns<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'agentteam-sandbox-'));
  try {
    const root = ['--ro-bind', '/', '/', ...coveredProc(), '--dev', '/dev'];
    return withSeccompFilter(join(scratch, 'filter'), (fd) =>
      spawnSync('bwrap', [...isolation(network), ...root, '--', 'true'], {
        encoding: 'utf8',
        stdio: ['ignore', 'ignore', 'pipe', fd],
      }),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Kernel settings and the values with which they forbid user namespaces. */
const FORBIDDING = [
  ['kernel.apparmor_restrict_unprivileged_userns', '1'],
  ['kernel.unprivileged_userns_clone', '0'],
  ['user.max_user_namespaces', '0'],
] as const;

function forbidden(): readonly string[] {
  return FORBIDDING.filter(([name, value]) => {
    try {
      return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim() === value;
    } catch {
      // This kernel has no such setting.
      return false;
    }
  }).map(([name, value]) => `sysctl ${name}=${value} forbids user namespaces`);
}
