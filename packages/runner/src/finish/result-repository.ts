import { chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAD, REPOSITORY } from '@agentteam/contract';
import { branchOf, teamRef } from '../git/branches.ts';
import { takeWork } from '../git/handover/take.ts';
import { type TeamRepository, teammatesOf } from '../git/repository.ts';
import { GitError, type GitOptions, git } from '../git/run.ts';
import { CLONE_BASE, makeTrustedClone } from '../git/trusted-clone.ts';
import { verifyResult } from '../git/verify.ts';
import { inDependencyOrder } from '../step/dependency-order.ts';
import { StepFailure } from '../step/failure.ts';

/** Name prefix of an unfinished repository, which a killed attempt leaves behind. */
const UNFINISHED = '.result-';

/**
 * Writes `result.git`, from which people fetch the team's work: each agent's branch, and the result
 * branch if the result is within all scopes. Work is taken over as data, so the repository contains no
 * file that an agent wrote.
 * @returns notes about work that could not be used.
 */
export async function keepResult(
  repository: TeamRepository,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { directory, resultBranch } = repository;
  for (const name of await readdir(directory)) {
    if (name.startsWith(UNFINISHED)) await rm(join(directory, name), { recursive: true });
  }
  const unfinished = await mkdtemp(join(directory, UNFINISHED));
  await chmod(unfinished, 0o755);
  const options = await makeTrustedClone(repository, unfinished, signal);
  await git(['update-ref', `refs/heads/${repository.branch}`, repository.base], options);
  const notes = await takeAll(repository, options);
  await git(['symbolic-ref', 'HEAD', `refs/heads/${resultBranch}`], options);
  await git(['update-ref', '-d', CLONE_BASE], options);
  await git(['pack-refs', '--all'], options);
  const target = join(directory, REPOSITORY.result);
  await rm(target, { recursive: true, force: true });
  await rename(unfinished, target);
  return notes;
}

async function takeAll(
  repository: TeamRepository,
  options: GitOptions,
): Promise<readonly string[]> {
  const notes: string[] = [];
  const tips = new Map<string, string>();
  let result: string | undefined;
  // The lead's work needs the commits of the teammates.
  const order = [...inDependencyOrder(teammatesOf(repository)).map(({ name }) => name), LEAD];
  for (const name of order) {
    const work = await orNote(takeWork(repository, name, options), notes);
    if (work === undefined) continue;
    if (name === LEAD) result = work.merged ? work.commit : undefined;
    else tips.set(name, work.commit);
    await git(['update-ref', `refs/heads/${branchOf(repository, name)}`, work.commit], options);
    await git(['update-ref', '-d', teamRef(name)], options);
  }
  if (result === undefined || notes.length > 0) return notes;
  await orNote(verifyResult(repository, result, tips, options), notes);
  if (notes.length === 0) {
    await git(['update-ref', `refs/heads/${repository.resultBranch}`, result], options);
  }
  return notes;
}

async function orNote<T>(work: Promise<T>, notes: string[]): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StepFailure) || error instanceof GitError) throw error;
    notes.push(error.message);
    return undefined;
  }
}
