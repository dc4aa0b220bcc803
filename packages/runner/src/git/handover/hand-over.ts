import { randomUUID } from 'node:crypto';
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { writeJson } from '@agentteam/volume';
import { teamRef } from '../branches.ts';
import { inOwn } from '../options.ts';
import { dependenciesOf, type TeamRepository } from '../repository.ts';
import { type GitOptions, gitLine } from '../run.ts';
import { writeBundle } from './bundle.ts';
import { handOverLargeFiles } from './large-files.ts';
import { BUNDLE_PREFIX, bundleName, WORK_FILE, WORK_REF } from './record.ts';

/**
 * Writes an agent's work to one file that the other pods can read. The file has what the commit adds
 * to the base, and to the work that the agent took over from others. If this process is killed, the
 * previous hand-over stays valid.
 * @param target the agent's own directory in the state directory, which its pod can write to.
 */
export async function handOver(
  repository: TeamRepository,
  agent: string,
  target: string,
  work: { readonly commit: string; readonly merged: boolean },
  signal: AbortSignal,
): Promise<void> {
  const options = inOwn(repository, agent, signal);
  const { commit } = work;
  const known = await knownTo(repository, agent, options);
  const name = bundleName(commit);
  // Write under another name first: the agent may have put a link in the file's place.
  const unfinished = join(target, `${name}.${randomUUID()}`);
  let large = false;
  if (await writeBundle(unfinished, WORK_REF, commit, known, options)) {
    await rm(join(target, name), { recursive: true, force: true });
    await rename(unfinished, join(target, name));
    const range = [commit, ...known.map((id) => `^${id}`)];
    large = await handOverLargeFiles(repository, target, range, options);
  }
  const record = join(target, WORK_FILE);
  // The agent can write here as well, and may have put a directory in the record's place.
  const existing = await lstat(record).catch(() => undefined);
  if (existing?.isDirectory()) await rm(record, { recursive: true });
  await writeJson(record, { ...work, large });
  for (const other of await readdir(target)) {
    if (other.startsWith(BUNDLE_PREFIX) && other !== name) {
      await rm(join(target, other), { recursive: true, force: true });
    }
  }
}

/** Commits that every reader already has: the base, and the work that this agent took over. */
async function knownTo(
  repository: TeamRepository,
  agent: string,
  options: GitOptions,
): Promise<readonly string[]> {
  const { base } = repository;
  // Only work of a dependency is taken over, and the lead takes over all.
  if (agent !== LEAD && dependenciesOf(repository, agent).size === 0) return [base];
  const list = await gitLine(['for-each-ref', '--format=%(objectname)', teamRef('')], options);
  return [base, ...list.split('\n').filter((id) => id !== '')];
}
