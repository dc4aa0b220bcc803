import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readUntrusted } from '@agentteam/volume';
import { trustedFiles } from './own-repository.ts';
import { ownRepository, type TeamRepository } from './repository.ts';

/**
 * Restores the files of an agent's own repository that setup wrote. The agent's process, or a script
 * that it ran, may have changed them, and they must not decide what the runner commits.
 */
export async function restoreTrustedFiles(
  repository: TeamRepository,
  agent: string,
): Promise<void> {
  const own = ownRepository(repository, agent);
  // `info` may have attributes that override the repository's own. `commondir` would make git read
  // another repository.
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
