import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { inDependencyOrder } from '../../step/dependency-order.ts';
import { StepFailure } from '../../step/failure.ts';
import { teamRef } from '../branches.ts';
import { noteAncestor } from '../commits.ts';
import { type TeamRepository, teammatesOf } from '../repository.ts';
import { GitError, type GitOptions, git, gitLine } from '../run.ts';
import { LIMITED_MEMORY } from '../trusted-config.ts';
import { readBundleHeader } from './bundle.ts';
import { type CopyProblem, copyUntrusted } from './copy-file.ts';
import { takeLargeFiles } from './large-files.ts';
import { bundleName, readWorkRecord, WORK_REF, type WorkRecord } from './record.ts';

/** Maximum size of one agent's work: what it adds to the base, compressed. */
const MAX_BUNDLE_BYTES = 2 * 1024 ** 3;

/** The commit that each agent has handed over, by the agent's name. */
export type Tips = ReadonlyMap<string, string>;

/** The work that one agent has handed over. */
interface Handed extends WorkRecord {
  readonly agent: string;
  /** The agent's directory in the state directory. */
  readonly from: string;
}

/**
 * Takes an agent's work over into another repository, as data: the bundle is copied, git hashes and
 * checks each object, and the resulting commit must be the one that the record names.
 * @param into git options for that repository, which has the base's objects as an alternate.
 * @returns `undefined` when the agent has handed over nothing.
 * @throws StepFailure with `EXIT.refused` when the bundle lacks the commit, or objects that it needs.
 */
export async function takeWork(
  repository: TeamRepository,
  agent: string,
  into: GitOptions,
): Promise<WorkRecord | undefined> {
  const [work] = await takeAll(repository, [agent], into);
  return work;
}

/** Takes over the work of teammates, each one's after that of the agents it depends on. */
export async function takeTeam(
  repository: TeamRepository,
  into: GitOptions,
  wanted: (agent: string) => boolean = () => true,
): Promise<Tips> {
  const names = inDependencyOrder(teammatesOf(repository)).map(({ name }) => name);
  const all = await takeAll(repository, names.filter(wanted), into);
  return new Map(all.map(({ agent, commit }) => [agent, commit]));
}

/** Many agents at once, because each call of git takes longer than what it does here. */
async function takeAll(
  repository: TeamRepository,
  agents: readonly string[],
  into: GitOptions,
): Promise<readonly Handed[]> {
  const all: Handed[] = [];
  for (const agent of agents) {
    const from = join(repository.state, agent);
    const record = await readWorkRecord(from);
    if (record === 'unreadable') throw refused(agent, 'its record cannot be read');
    if (record !== undefined) all.push({ ...record, agent, from });
  }
  if (all.length === 0) return all;
  const before = await typesOf(all, into);
  for (const [index, { agent, commit, from }] of all.entries()) {
    // Work without changes is the base itself, and has no bundle.
    if (before[index] !== 'commit') await takeObjects(from, agent, commit, into);
  }
  await refuseUnrelated(repository, all, into);
  for (const { agent, commit, large, from } of all) {
    // Check this even when the objects are here already: an earlier attempt may have refused them.
    await refuseHugeTree(agent, commit, into);
    if (large) await takeLargeFiles(repository, from, commit, into);
  }
  const input = all.map(({ agent, commit }) => `update ${teamRef(agent)} ${commit}\n`).join('');
  await git(['update-ref', '--no-deref', '--stdin'], { ...into, input });
  return all;
}

/** The type of the object that each record names; `missing` where there is none. */
async function typesOf(all: readonly Handed[], into: GitOptions): Promise<readonly string[]> {
  const input = all.map(({ commit }) => `${commit}\n`).join('');
  const lines = await gitLine(['cat-file', '--batch-check=%(objecttype)'], { ...into, input });
  return lines.split('\n').map((line) => line.replace(/^.* /, ''));
}

/** @throws StepFailure when an id is not that of a commit that has some history in common with the base. */
async function refuseUnrelated(
  repository: TeamRepository,
  all: readonly Handed[],
  into: GitOptions,
): Promise<void> {
  // git takes a tag for the commit that it names.
  const types = await typesOf(all, into);
  for (const [index, { agent, commit }] of all.entries()) {
    if (types[index] !== 'commit') throw notOnBase(agent, commit);
  }
  const { base } = repository;
  const commits = all.map(({ commit }) => commit);
  // If the base is the best common ancestor of all, it is an ancestor of each.
  const common = await mergeBase(['--octopus', base, ...commits], into);
  for (const { agent, commit } of all) {
    const own = common === base ? base : await mergeBase([base, commit], into);
    if (own === undefined) throw notOnBase(agent, commit);
    if (own === base) noteAncestor(base, commit);
  }
}

/** The best common ancestor of commits, or `undefined`. */
async function mergeBase(
  commits: readonly string[],
  options: GitOptions,
): Promise<string | undefined> {
  const { exitCode, stdout } = await git(['merge-base', ...commits], {
    ...options,
    accept: [0, 1, 128],
  });
  return exitCode === 0 ? stdout.trim() : undefined;
}

/**
 * Refuses a commit with more than about two million files. Nested trees of a few kilobytes can
 * describe any number of files, and git holds all of them in memory when it compares commits.
 * `ls-tree` prints them one by one, until execa's limit of 100 MB of output ends it.
 */
async function refuseHugeTree(agent: string, commit: string, into: GitOptions): Promise<void> {
  if (ACCEPTED.has(commit)) return;
  await git(['ls-tree', '-r', '--object-only', commit], into).catch((error: unknown) => {
    if (!(error instanceof GitError) || !error.isTooLong) throw error;
    throw refused(agent, `${commit} has more than two million files`, error);
  });
  ACCEPTED.add(commit);
}

/** Commits that {@link refuseHugeTree} has accepted. Their ids determine their trees. */
const ACCEPTED = new Set<string>();

const PROBLEMS: Readonly<Record<CopyProblem, string>> = {
  absent: 'absent',
  'not-a-regular-file': 'not a regular file',
  'too-large': 'too large',
};

async function takeObjects(
  from: string,
  agent: string,
  commit: string,
  into: GitOptions,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'agentteam-take-'));
  try {
    const bundle = join(directory, 'bundle');
    const copied = await copyUntrusted(join(from, bundleName(commit)), bundle, MAX_BUNDLE_BYTES);
    if (typeof copied === 'string') throw refused(agent, `its bundle is ${PROBLEMS[copied]}`);
    const header = await readBundleHeader(bundle);
    if (header?.refs.get(WORK_REF) !== commit) {
      throw refused(agent, `its file is not a bundle of ${commit}`);
    }
    await indexPack(bundle, header.packStart, into);
  } catch (error) {
    if (!(error instanceof GitError) || error.isTransient) throw error;
    throw refused(agent, `git refuses its objects:\n${error.stderr}`, error);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Stores a pack's objects. git hashes each one, and refuses malformed objects and missing links. */
async function indexPack(bundle: string, start: number, into: GitOptions): Promise<void> {
  const input = createReadStream(bundle, { start });
  const env = { ...into.env, ...LIMITED_MEMORY };
  await git(['index-pack', '--stdin', '--fix-thin', '--strict'], { ...into, env, input });
}

function notOnBase(agent: string, commit: string): StepFailure {
  return refused(agent, `${commit} is not a commit on top of the team's base`);
}

function refused(agent: string, reason: string, cause?: unknown): StepFailure {
  return new StepFailure(`The work of ${agent} cannot be used: ${reason}.`, EXIT.refused, cause);
}
