import { randomUUID } from 'node:crypto';
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '@agentteam/volume';
import { isAncestor } from '../commits.ts';
import { inOwn } from '../places.ts';
import type { TeamRepository } from '../repository.ts';
import { type GitOptions, git } from '../run.ts';
import { leaveLargeFiles } from './large-files.ts';
import { BUNDLE_PREFIX, bundleName, WORK_FILE, WORK_REF, type WorkRecord } from './record.ts';

/**
 * Writes an agent's work where others can read it: everything between the base and its commit in
 * one file. Killed at any instant, what was handed over before still stands.
 * @param target the agent's own directory of the state directory, as its pod can write to it.
 * @param known commits whose large files others have handed over already.
 */
export async function handOver(
  repository: TeamRepository,
  agent: string,
  target: string,
  work: WorkRecord,
  known: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const options = inOwn(repository, agent, signal);
  const isNew = !(await isAncestor(work.commit, repository.base, options));
  const commit = isNew ? work.commit : repository.base;
  const name = bundleName(commit);
  if (isNew) {
    await writeBundle(repository, commit, join(target, name), options);
    await leaveLargeFiles(repository, target, commit, known, options);
  }
  const record = join(target, WORK_FILE);
  // The agent can write here as well: what it may have put in the record's place goes.
  const there = await lstat(record).catch(() => undefined);
  if (there?.isDirectory()) await rm(record, { recursive: true });
  await writeJson(record, { ...work, commit });
  for (const other of await readdir(target)) {
    if (other.startsWith(BUNDLE_PREFIX) && other !== name) {
      await rm(join(target, other), { recursive: true, force: true });
    }
  }
}

/** Under another name first: git follows a link that an agent put in the file's place. */
async function writeBundle(
  { base }: TeamRepository,
  commit: string,
  target: string,
  options: GitOptions,
): Promise<void> {
  const unfinished = `${target}.${randomUUID()}`;
  await git(['update-ref', '--no-deref', WORK_REF, commit], options);
  const range = [WORK_REF, `^${base}`];
  await git(['bundle', 'create', '--quiet', '--version=2', unfinished, ...range], options);
  await rm(target, { recursive: true, force: true });
  await rename(unfinished, target);
}
