import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, PATHS, type PlacedFile } from '@agentteam/contract';
import { StepFailure } from './failure.ts';
import { mounted } from './mounted.ts';

/**
 * Reads a file of `environment.files` from its ConfigMap, which is mounted read-only.
 * @param root value of `AGENTTEAM_ROOT`.
 * @throws StepFailure with `EXIT.invalid` when the ConfigMap does not have the key.
 */
export async function readPlacedFile(
  root: string,
  { path, configMap, key }: PlacedFile,
): Promise<Buffer> {
  const directory = await mounted(root, `${PATHS.files}/${configMap}`);
  return readFile(join(directory, key)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'EISDIR') throw error;
    const message = `The ConfigMap ${configMap} has no key ${key}, which environment.files places at ${path}.`;
    throw new StepFailure(message, EXIT.invalid);
  });
}
