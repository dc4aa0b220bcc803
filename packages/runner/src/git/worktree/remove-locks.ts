import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ownRepository, type TeamRepository } from '../repository.ts';

/** Lock files that a killed git process leaves behind, and on which every later one would fail. */
const LOCKS = ['index.lock', 'HEAD.lock', 'packed-refs.lock', 'config.lock', 'shallow.lock'];

/** Removes the locks in an agent's own repository. Call this only while the agent is not at work. */
export async function removeLocks(repository: TeamRepository, agent: string): Promise<void> {
  const own = ownRepository(repository, agent);
  for (const lock of LOCKS) await rm(join(own, lock), { force: true, recursive: true });
}
