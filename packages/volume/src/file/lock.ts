import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Age of its mtime, in milliseconds, at which a lock's holder is taken for dead. Claude Code's own. */
const STALE_MS = 10_000;

/** Waits up to about 20 s: longer than it takes the lock of a killed process to go stale. */
const RETRIES = { retries: 110, factor: 1.5, minTimeout: 10, maxTimeout: 200, randomize: true };

/** The lock was taken away while it was held: what it guarded was not written. */
export class LockLostError extends Error {
  override readonly name: string = 'LockLostError';
}

export interface HeldLock {
  /** Call just before writing. @throws LockLostError if another process has the lock by now. */
  assertHeld(): void;
}

/**
 * Runs `work` while holding Claude Code's lock on a file: the directory `<path>.lock`, made by
 * `mkdir`. The file itself need not exist, nor its directory: agents can write there, and one that
 * deletes it must not end the others.
 * @throws an error with code `ELOCKED` when the lock stays taken for about 20 s.
 */
export async function withLock<T>(path: string, work: (lock: HeldLock) => Promise<T>): Promise<T> {
  // Loaded by the first lock: most gateways never take one.
  const { default: lockfile } = await import('proper-lockfile');
  await mkdir(dirname(path), { recursive: true });
  let lost: Error | undefined;
  const release = await lockfile.lock(path, {
    stale: STALE_MS,
    retries: RETRIES,
    // Claude Code locks beside the name that it was given, whatever that name points at.
    realpath: false,
    onCompromised: (error) => {
      lost = error;
    },
  });
  const assertHeld = () => {
    if (lost) throw new LockLostError(`lost the lock of ${path}`, { cause: lost });
  };
  try {
    return await work({ assertHeld });
  } finally {
    // A lock that was lost is not ours to remove.
    await release().catch(() => {});
  }
}
