import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { inDependencyOrder } from '../../step/dependency-order.ts';
import { StepFailure } from '../../step/failure.ts';
import { findCommit } from '../commits.ts';
import { teamRef } from '../places.ts';
import { type TeamRepository, teammatesOf } from '../repository.ts';
import { GitError, type GitOptions, git } from '../run.ts';
import { readBundleHeader } from './bundle.ts';
import { copyUntrusted } from './copy-file.ts';
import { takeLargeFiles } from './large-files.ts';
import { bundleName, readWorkRecord, WORK_REF, type WorkRecord } from './record.ts';

/** Work of one agent: what it adds to the base, compressed. */
const MOST_BUNDLE_BYTES = 2 * 1024 ** 3;

/** What each agent has handed over, by name. */
export type Tips = ReadonlyMap<string, string>;

/**
 * Takes an agent's work over into another repository, as data: its file is copied, its objects are
 * hashed and checked one by one, and the commit that comes out is the one that the record names.
 * @param into options of a call in the repository; it has the base's objects as an alternate.
 * @returns undefined: the agent has handed over nothing.
 * @throws StepFailure with `EXIT.refused` where what it left is not a commit and all that it needs.
 */
export async function takeWork(
  repository: TeamRepository,
  agent: string,
  into: GitOptions,
): Promise<WorkRecord | undefined> {
  const from = join(repository.state, agent);
  const record = await readWorkRecord(from);
  if (record === undefined) return undefined;
  if (record === 'unreadable') throw refused(agent, 'its record cannot be read');
  const { commit } = record;
  if (!(await beginsAtBase(repository, commit, into))) {
    await takeObjects(from, agent, commit, into);
    const isCommit = (await findCommit(commit, into)) === commit;
    if (!isCommit || !(await beginsAtBase(repository, commit, into))) {
      throw refused(agent, `${commit} is no commit that begins at the team's base`);
    }
  }
  // Also where the objects are here already: an earlier attempt may have taken and refused them.
  await refuseEndlessTree(agent, commit, into);
  if (record.large) await takeLargeFiles(repository, from, commit, into);
  await git(['update-ref', '--no-deref', teamRef(agent), commit], into);
  return record;
}

/** Takes over what teammates have handed over, each after those it depends on. */
export async function takeTeam(
  repository: TeamRepository,
  into: GitOptions,
  wanted: (agent: string) => boolean = () => true,
): Promise<Tips> {
  const tips = new Map<string, string>();
  for (const { name } of inDependencyOrder(teammatesOf(repository))) {
    if (!wanted(name)) continue;
    const work = await takeWork(repository, name, into);
    if (work !== undefined) tips.set(name, work.commit);
  }
  return tips;
}

/** @returns false as well where the repository has no such commit. */
async function beginsAtBase(
  { base }: TeamRepository,
  commit: string,
  options: GitOptions,
): Promise<boolean> {
  const args = ['merge-base', base, commit];
  return (await git(args, { ...options, accept: [0, 1, 128] })).exitCode === 0;
}

/**
 * Trees of a few kilobytes that contain one another can stand for endlessly many files, and git holds
 * all of them in memory where it compares commits. Here it prints them one by one, up to execa's limit
 * of 100 MB: two million files.
 */
async function refuseEndlessTree(agent: string, commit: string, into: GitOptions): Promise<void> {
  await git(['ls-tree', '-r', '--object-only', commit], into).catch((error: unknown) => {
    if (!(error instanceof GitError) || error.exitCode !== undefined) throw error;
    throw refused(agent, `${commit} has more files than can be looked at`, error);
  });
}

async function takeObjects(
  from: string,
  agent: string,
  commit: string,
  into: GitOptions,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'agentteam-take-'));
  try {
    const bundle = join(directory, 'bundle');
    const copied = await copyUntrusted(join(from, bundleName(commit)), bundle, MOST_BUNDLE_BYTES);
    if (typeof copied === 'string') throw refused(agent, `its bundle is ${copied}`);
    const header = await readBundleHeader(bundle);
    if (header?.refs.get(WORK_REF) !== commit) {
      throw refused(agent, `its file is no bundle of ${commit}`);
    }
    await indexPack(bundle, header.packStart, into);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw refused(agent, `git refuses its objects:\n${error.stderr}`, error);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Stores a pack's objects: each under the hash of what it is, none with a fault or a link to nothing. */
async function indexPack(bundle: string, start: number, into: GitOptions): Promise<void> {
  const input = createReadStream(bundle, { start });
  await git(['index-pack', '--stdin', '--fix-thin', '--strict'], { ...into, input });
}

function refused(agent: string, why: string, cause?: unknown): StepFailure {
  return new StepFailure(`The work of ${agent} cannot be used: ${why}.`, EXIT.refused, cause);
}
