import { execFile } from 'node:child_process';
import { lstat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Removes a directory that agents have filled, and follows no link in it. `rm` does that with any
 * depth and any number of entries; Node's own fails where a path gets longer than 4,096 bytes.
 */
export async function removeTree(path: string): Promise<void> {
  if ((await lstat(path).catch(() => undefined)) === undefined) return;
  await remove(path).catch(async () => {
    // Directories without write permission, such as Go's module cache, keep what is in them.
    await run('chmod', ['-R', 'u+rwX', '--', path]).catch(() => {});
    await remove(path);
  });
}

/** The names that `rm` complains about may be as long as an agent wished. */
async function remove(path: string): Promise<void> {
  try {
    await run('rm', ['-rf', '--', path], { maxBuffer: 1 << 20 });
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    const why = stderr.split('\n', 1)[0]?.slice(0, 500) ?? '';
    throw new Error(`${path} cannot be removed${why === '' ? '' : `: ${why}`}`, { cause: error });
  }
}
