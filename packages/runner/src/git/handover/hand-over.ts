import { randomUUID } from 'node:crypto';
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '@agentteam/volume';
import { teamRef } from '../branches.ts';
import { inOwn } from '../options.ts';
import type { TeamRepository } from '../repository.ts';
import { type GitOptions, git, gitLine } from '../run.ts';
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
  const range = [commit, ...(await known(repository, options)).map((id) => `^${id}`)];
  const name = bundleName(commit);
  let large = false;
  if ((await gitLine(['rev-list', '--max-count=1', ...range], options)) !== '') {
    await writeBundle(commit, range.slice(1), join(target, name), options);
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
async function known({ base }: TeamRepository, options: GitOptions): Promise<readonly string[]> {
  const list = await gitLine(['for-each-ref', '--format=%(objectname)', teamRef('')], options);
  return [base, ...list.split('\n').filter((id) => id !== '')];
}

/** Writes under another name first: git would follow a link that the agent put in the file's place. */
async function writeBundle(
  commit: string,
  without: readonly string[],
  target: string,
  options: GitOptions,
): Promise<void> {
  const unfinished = `${target}.${randomUUID()}`;
  await git(['update-ref', '--no-deref', WORK_REF, commit], options);
  const create = ['bundle', 'create', '--quiet', '--version=2', unfinished];
  await git([...create, WORK_REF, ...without], options);
  await rm(target, { recursive: true, force: true });
  await rename(unfinished, target);
}
