import { execFile, execFileSync } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Removes directories that agents have filled, without following links. It uses the program `rm`, because
 * Node's own function fails for paths that are longer than 4,096 bytes.
 */
export async function removeTrees(paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  try {
    await run('rm', remove(paths), OPTIONS);
  } catch {
    await run('find', makeWritable(paths), OPTIONS).catch(() => {});
    await run('rm', remove(paths), OPTIONS).catch((error: unknown) => {
      throw failure(paths, error);
    });
  }
}

/** Like {@link removeTrees}, for callers that cannot wait, such as exit handlers. */
export function removeTreesNow(paths: readonly string[]): void {
  if (paths.length === 0) return;
  try {
    execFileSync('rm', remove(paths), { stdio: 'ignore' });
  } catch {
    try {
      execFileSync('find', makeWritable(paths), { stdio: 'ignore' });
    } catch {}
    try {
      execFileSync('rm', remove(paths), { stdio: 'ignore' });
    } catch (error) {
      throw failure(paths, error);
    }
  }
}

/** `rm` prints a line for each file that it cannot remove, and an agent can make many. */
const OPTIONS = { maxBuffer: 16 << 20 } as const;

function remove(paths: readonly string[]): string[] {
  return ['-rf', '--', ...paths];
}

/**
 * Files cannot be removed from directories without write permission, such as Go's module cache. Unlike
 * `chmod -R`, `find -P` follows no link that is itself a path to remove.
 */
function makeWritable(paths: readonly string[]): string[] {
  const starts = paths.map((path) => (isAbsolute(path) ? path : `./${path}`));
  const change = ['-execdir', 'chmod', 'u+rwx', '{}', ';'];
  return ['-P', ...starts, '-type', 'd', '!', '-perm', '-u=rwx', ...change];
}

function failure(paths: readonly string[], error: unknown): Error {
  const { stderr } = error as { readonly stderr?: string };
  const why = stderr?.split('\n', 1)[0]?.slice(0, 500) ?? '';
  const message = `${paths.join(', ')} cannot be removed${why === '' ? '' : `: ${why}`}`;
  return new Error(message, { cause: error });
}
