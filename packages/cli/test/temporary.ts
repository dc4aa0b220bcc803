import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTrees } from '@agentteam/volume';
import { afterEach } from '@jest/globals';

/** Makes directories that are removed after each test of the file that calls it. */
export function temporaryDirectories(): () => Promise<string> {
  const made: string[] = [];
  afterEach(async () => {
    await removeTrees(made.splice(0));
  });
  return async () => {
    // A space in it: every path that the CLI handles may have one.
    const path = await mkdtemp(join(tmpdir(), 'agentteam cli '));
    made.push(path);
    return path;
  };
}
