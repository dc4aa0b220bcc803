import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readUntrusted } from '@agentteam/volume';
import { trustedFiles } from './own-repository.ts';
import { ownRepository, type TeamRepository } from './repository.ts';

/**
 * Puts an agent's own repository back to what setup wrote, apart from its work. What the agent's
 * process put there runs in its own container alone; but a configuration that a script of the
 * repository left must not decide what the runner commits.
 */
export async function restoreTrust(repository: TeamRepository, agent: string): Promise<void> {
  const own = ownRepository(repository, agent);
  // `info` has attributes that stand above the repository's own; `commondir` names another
  // repository to read.
  for (const name of ['info', 'commondir']) {
    await rm(join(own, name), { force: true, recursive: true });
  }
  await mkdir(join(own, 'info'));
  for (const [name, text] of trustedFiles(repository, agent)) {
    const file = join(own, name);
    if ((await readUntrusted(file)) === text) continue;
    const temporary = `${file}.${randomUUID()}`;
    await writeFile(temporary, text, { flag: 'wx' });
    await rm(file, { force: true, recursive: true });
    await rename(temporary, file);
  }
}
