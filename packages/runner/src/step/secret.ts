import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Reads one key of a mounted Secret; `undefined` when it is absent or empty. */
export async function readSecret(file: string): Promise<string | undefined> {
  try {
    return textOf(await readFile(file, 'utf8'));
  } catch (error) {
    return absent(error);
  }
}

/**
 * Like {@link readSecret}, without waiting. A gateway reads several keys for each request. Kubernetes mounts them
 * from memory, where a read takes microseconds; a turn of the event loop for each would take most of the time that
 * the gateway adds to a request.
 */
export function readSecretNow(file: string): string | undefined {
  // Most keys are optional, and an exception costs more than a look.
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  try {
    return textOf(readFileSync(file, 'utf8'));
  } catch (error) {
    return absent(error);
  }
}

function textOf(text: string): string | undefined {
  return text.trim() === '' ? undefined : text;
}

/** @throws every error but that of a file that does not exist. */
function absent(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
}
