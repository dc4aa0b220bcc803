import { lstat, mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { RefusedError, rethrowBlocked } from './open-directory.ts';

/** The age of a lock, in milliseconds, at which its holder counts as dead. Claude Code uses the same. */
const STALE_MS = 10_000;

/** Retries for about 20 s, which is longer than the lock of a killed process stays valid. */
const RETRIES = { retries: 110, factor: 1.5, minTimeout: 10, maxTimeout: 200, randomize: true };

const BLOCKED = 'cannot be locked';

/** Thrown when another process took over a lock that was still held; the guarded file was not written. */
export class LockLostError extends Error {
  override readonly name: string = 'LockLostError';
}

export interface HeldLock {
  /** Call directly before a write. @throws LockLostError if another process has taken over the lock. */
  assertHeld(): void;
}

/**
 * Runs `work` while it holds Claude Code's lock on a file: the directory `<path>.lock`. Neither the file nor
 * its directory need exist, because an agent that deletes them must not end the other agents.
 * @throws an error with the code `ELOCKED` if another process holds the lock for about 20 s, and RefusedError if
 *   something else than a lock is in its place.
 */
export async function withLock<T>(path: string, work: (lock: HeldLock) => Promise<T>): Promise<T> {
  // Loaded with the first lock, because most gateways never take one.
  const { default: lockfile } = await import('proper-lockfile');
  await mkdir(dirname(path), { recursive: true });
  // A lock is a directory. Anything else in its place is never released, so nobody waits for that.
  const found = await lstat(`${path}.lock`).catch(() => undefined);
  if (found?.isDirectory() === false) throw new RefusedError(basename(path), BLOCKED);
  let lost: Error | undefined;
  const release = await lockfile
    .lock(path, {
      stale: STALE_MS,
      retries: RETRIES,
      // Claude Code locks next to the given name, even if that name is a link.
      realpath: false,
      onCompromised: (error) => {
        lost = error;
      },
    })
    .catch((error: unknown) => rethrowBlocked(basename(path), BLOCKED, error));
  const assertHeld = () => {
    if (lost)
      throw new LockLostError(`another process took over the lock of ${path}`, { cause: lost });
  };
  try {
    return await work({ assertHeld });
  } finally {
    // A lost lock belongs to another process and must stay.
    await release().catch(() => {});
  }
}
