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
  const record = await take(repository, agent, into);
  if (record !== undefined) await setRefs([[agent, record.commit]], into);
  return record;
}

/** Takes over the work of teammates, each one's after that of the agents it depends on. */
export async function takeTeam(
  repository: TeamRepository,
  into: GitOptions,
  wanted: (agent: string) => boolean = () => true,
): Promise<Tips> {
  const tips = new Map<string, string>();
  for (const { name } of inDependencyOrder(teammatesOf(repository))) {
    if (!wanted(name)) continue;
    const work = await take(repository, name, into);
    if (work !== undefined) tips.set(name, work.commit);
  }
  await setRefs([...tips], into);
  return tips;
}

async function take(
  repository: TeamRepository,
  agent: string,
  into: GitOptions,
): Promise<WorkRecord | undefined> {
  const from = join(repository.state, agent);
  const record = await readWorkRecord(from);
  if (record === undefined) return undefined;
  if (record === 'unreadable') throw refused(agent, 'its record cannot be read');
  const { commit } = record;
  // Work without changes is the base itself, and has no bundle.
  if (!(await beginsAtBase(repository, commit, into))) {
    await takeObjects(from, agent, commit, into);
    if (!(await beginsAtBase(repository, commit, into))) throw notOnBase(agent, commit);
  }
  // Check this even when the objects are here already: an earlier attempt may have refused them.
  await refuseHugeTree(agent, commit, into);
  if (record.large) await takeLargeFiles(repository, from, commit, into);
  return record;
}

/** @throws StepFailure when an id is not that of a commit: git takes a tag for the commit that it names. */
async function setRefs(
  tips: readonly (readonly [agent: string, commit: string])[],
  into: GitOptions,
): Promise<void> {
  if (tips.length === 0) return;
  const ids = tips.map(([, id]) => `${id}\n`).join('');
  const types = await gitLine(['cat-file', '--batch-check=%(objecttype)'], { ...into, input: ids });
  for (const [index, type] of types.split('\n').entries()) {
    const [agent, id] = tips[index] ?? ['', ''];
    if (type !== 'commit') throw notOnBase(agent, id);
  }
  const input = tips.map(([agent, commit]) => `update ${teamRef(agent)} ${commit}\n`).join('');
  await git(['update-ref', '--no-deref', '--stdin'], { ...into, input });
}

/** @returns `false` also when the repository has no such commit. */
async function beginsAtBase(
  { base }: TeamRepository,
  commit: string,
  options: GitOptions,
): Promise<boolean> {
  const args = ['merge-base', base, commit];
  const { exitCode, stdout } = await git(args, { ...options, accept: [0, 1, 128] });
  if (stdout.trim() === base) noteAncestor(base, commit);
  return exitCode === 0;
}

/**
 * Refuses a commit with more than about two million files. Nested trees of a few kilobytes can
 * describe any number of files, and git holds all of them in memory when it compares commits.
 * `ls-tree` prints them one by one, until execa's limit of 100 MB of output ends it.
 */
async function refuseHugeTree(agent: string, commit: string, into: GitOptions): Promise<void> {
  await git(['ls-tree', '-r', '--object-only', commit], into).catch((error: unknown) => {
    if (!(error instanceof GitError) || !error.isTooLong) throw error;
    throw refused(agent, `${commit} has more than two million files`, error);
  });
}

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
