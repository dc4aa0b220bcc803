import { type StorageError, type StorageFault, storageErrorOf } from '@agentteam/volume';
import { CLI_EXIT } from './exit.ts';
import { Failure } from './failure.ts';

const REMEDIES: Readonly<Record<StorageFault, string>> = {
  full: 'Make room on that disk (at least 1 MiB must be free)',
  'read-only': 'Make it writable, or name another directory for runs with --dir',
  forbidden: 'Ask its owner for access, or name another directory for runs with --dir',
  failing: 'Check the disk',
};

/**
 * An error of the file system, as it is shown to a person.
 * @returns undefined for every other error.
 */
export function storageFailure(error: unknown): Failure | undefined {
  const found = error instanceof Failure ? undefined : storageErrorOf(error);
  return found && asFailure(found, found.message, 'try again');
}

/**
 * The same for a run that was under way: it goes on from where it stands.
 * @param reference what one types behind a verb to reach the run.
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
      `${found.message}; ${run} is interrupted, and its work so far is kept`,
      `go on: agentteam resume ${reference}`,
    )
  );
}

function asFailure(error: StorageError, message: string, next: string): Failure {
  return new Failure(message, {
    exitCode: CLI_EXIT.storage,
    wayOut: `${REMEDIES[error.fault]}, then ${next}`,
    cause: error,
  });
}
