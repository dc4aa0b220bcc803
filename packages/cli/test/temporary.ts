import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTrees } from '@agentteam/volume';
import { afterEach } from '@jest/globals';

/** @returns a function that makes a directory, which is removed after the test. */
export function temporaryDirectories(): () => Promise<string> {
  const made: string[] = [];
  afterEach(async () => {
    await removeTrees(made.splice(0));
  });
  return async () => {
    // The space checks that the CLI quotes paths.
    const path = await mkdtemp(join(tmpdir(), 'agentteam cli '));
    made.push(path);
    return path;
  };
}
