import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readUntrusted } from '@agentteam/volume';
import type { TeamRepository } from './repository.ts';

/**
 * Puts the shared clone's configuration back to what setup wrote. In there every agent can name
 * programs for git to run: filters, merge drivers, included files. The few keys that matter to all
 * calls are overridden in each; filters and drivers have names of their own, so they have to go.
 */
export async function restoreTrust({ store, config }: TeamRepository): Promise<void> {
  const file = join(store, 'config');
  if ((await readUntrusted(file)) !== config) {
    const temporary = `${file}.${randomUUID()}`;
    await writeFile(temporary, config, { flag: 'wx' });
    await rename(temporary, file);
  }
  // `info` has attributes that stand above the repository's own, and excludes by which one agent
  // could have all of another's new files overlooked; `commondir` names another clone to look at.
  for (const name of ['info', 'commondir']) {
    await rm(join(store, name), { force: true, recursive: true });
  }
}
