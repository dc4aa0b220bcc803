import { type StorageError, type StorageFault, storageErrorOf } from '@agentteam/volume';
import { CLI_EXIT } from './exit.ts';
import { Failure } from './failure.ts';

const REMEDIES: Readonly<Record<StorageFault, string>> = {
  full: 'Free space on that disk (at least 1 MiB must be free)',
  'no-inodes': 'Delete files on that disk (df -i shows its inodes)',
  'read-only': 'Make it writable, or choose another directory for runs with --dir',
  forbidden: 'Ask its owner for access, or choose another directory for runs with --dir',
  failing: 'Check the disk',
};

/**
 * Explains a file system error to the user.
 * @returns undefined for every other error.
 */
export function storageFailure(error: unknown): Failure | undefined {
  const found = error instanceof Failure ? undefined : storageErrorOf(error);
  return found && asFailure(found, found.message, 'try again');
}

/**
 * Explains a file system error that interrupted a run, and how to resume the run.
 * @param reference argument that names the run in a command.
 * @returns undefined for every other error.
 */
export function interruptedByStorage(
  error: unknown,
  run: string,
  reference: string,
): Failure | undefined {
  const found = error instanceof Failure ? undefined : storageErrorOf(error);
  return (
    found &&
    asFailure(
      found,
      `${found.message}; ${run} was interrupted, and its work so far is kept`,
      `run: agentteam resume ${reference}`,
    )
  );
}

function asFailure(error: StorageError, message: string, next: string): Failure {
  return new Failure(message, {
    exitCode: CLI_EXIT.storage,
    hint: `${REMEDIES[error.fault]}, then ${next}`,
    cause: error,
  });
}
