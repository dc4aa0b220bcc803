import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Removes directories that agents have filled, and follows no link in them. `rm` does that at any
 * depth and for any number of entries; Node's own fails where a path is longer than 4,096 bytes.
 */
export async function removeTrees(paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  try {
    await run('rm', remove(paths), QUIET);
  } catch {
    await run('chmod', makeWritable(paths), QUIET).catch(() => {});
    await run('rm', remove(paths), QUIET).catch((error: unknown) => {
      throw failure(paths, error);
    });
  }
}

/** Like {@link removeTrees}, for who cannot wait. */
export function removeTreesNow(paths: readonly string[]): void {
  if (paths.length === 0) return;
  try {
    execFileSync('rm', remove(paths), { stdio: 'ignore' });
  } catch {
    try {
      execFileSync('chmod', makeWritable(paths), { stdio: 'ignore' });
    } catch {}
    try {
      execFileSync('rm', remove(paths), { stdio: 'ignore' });
    } catch (error) {
      throw failure(paths, error);
    }
  }
}

/** As many complaints as an agent has made files that cannot be removed: they are not kept whole. */
const QUIET = { maxBuffer: 16 << 20 } as const;

function remove(paths: readonly string[]): string[] {
  return ['-rf', '--', ...paths];
}

/** Directories without write permission, such as Go's module cache, keep what is in them. */
function makeWritable(paths: readonly string[]): string[] {
  return ['-R', 'u+rwX', '--', ...paths];
}

function failure(paths: readonly string[], error: unknown): Error {
  const { stderr } = error as { readonly stderr?: string };
  const why = stderr?.split('\n', 1)[0]?.slice(0, 500) ?? '';
  const message = `${paths.join(', ')} cannot be removed${why === '' ? '' : `: ${why}`}`;
  return new Error(message, { cause: error });
}
