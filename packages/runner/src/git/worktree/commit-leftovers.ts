import { findMergeHead } from '../commits.ts';
import { commitMessage, identityEnvironment } from '../identity.ts';
import { exclude, findLeftOut } from '../leftovers/find-left-out.ts';
import type { LeftOut } from '../leftovers/left-out.ts';
import { inTree, type RepositoryOptions } from '../options.ts';
import { sharesTree, type TeamRepository } from '../repository.ts';
import { restoreTrustedFiles } from '../restore-trusted-files.ts';
import { git, gitLine } from '../run.ts';
import { inScope } from '../scope/rules.ts';
import { type ChangedPath, changedInTree, unhideChanges, unstage } from './changed-paths.ts';
import { removeLocks } from './remove-locks.ts';
import { repairRepository } from './repair.ts';
import { returnToBranch } from './return-to-branch.ts';

export interface CommittedWork {
  /** The commit with all of an agent's work. */
  readonly commit: string;
  /** Files in the agent's worktree that were not committed. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Commits the changes that an agent left uncommitted, in the agent's name, and moves all of its work
 * to its branch if it had switched to another one.
 * @param subject subject line of the commit, from the agent's task.
 * @throws StepFailure with `EXIT.conflict` when the work on the two branches conflicts.
 */
export async function commitLeftovers(
  repository: TeamRepository,
  agent: string,
  subject: string,
  signal: AbortSignal,
): Promise<CommittedWork> {
  const options = await recoverTree(repository, agent, signal);
  await unhideChanges(options);
  // In a shared tree, only the paths in this agent's scope are its own.
  const isPartial = sharesTree(repository, agent);
  const leftOut = await commitLeft(repository, agent, subject, isPartial, signal);
  return { commit: await returnToBranch(repository, agent, signal), leftOut };
}

/**
 * Commits the changes of an agent that was stopped, as far as they are in its scope. The rest stays
 * in the worktree for the next attempt.
 */
export async function commitUnfinished(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<CommittedWork> {
  const options = await recoverTree(repository, agent, signal);
  let leftOut: readonly LeftOut[] = [];
  // Leave a merge in progress to the next attempt.
  if ((await findMergeHead(options)) === undefined) {
    await unhideChanges(options);
    leftOut = await commitLeft(repository, agent, 'Keep what was left uncommitted', true, signal);
  }
  return { commit: await gitLine(['rev-parse', 'HEAD'], options), leftOut };
}

/**
 * Makes git work again in a tree whose agent may have left locks, changed the configuration, or damaged files of
 * git.
 */
async function recoverTree(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<RepositoryOptions> {
  await removeLocks(repository, agent);
  await restoreTrustedFiles(repository, agent);
  await repairRepository(repository, agent, signal);
  return inTree(repository, agent, signal);
}

/** @param isPartial whether to commit only paths in the agent's scope. */
async function commitLeft(
  repository: TeamRepository,
  agent: string,
  subject: string,
  isPartial: boolean,
  signal: AbortSignal,
): Promise<readonly LeftOut[]> {
  const scope = repository.members.find(({ name }) => name === agent)?.scope;
  const isOwn = ({ path }: { readonly path: string }) => !isPartial || inScope(path, scope);
  const changed = await changedInTree(repository, agent, signal);
  const leftOut = await leaveOut(repository, agent, changed.filter(isOwn), signal);
  const junk = leftOut.map(({ path }) => path);
  const isJunk = (path: string) =>
    junk.some((one) => path === one || (one.endsWith('/') && `${path}/`.startsWith(one)));
  const work = changed.filter((left) => isOwn(left) && !isJunk(left.path));
  const all = work.length === changed.length;
  const unreadable =
    work.length === 0 ? [] : await commitPaths(repository, agent, subject, work, all, signal);
  return [...leftOut.filter(isOwn), ...unreadable];
}

/** Makes git ignore the changed paths that must not be committed for the agent. */
export async function leaveOut(
  repository: TeamRepository,
  agent: string,
  changed: readonly ChangedPath[],
  signal: AbortSignal,
): Promise<readonly LeftOut[]> {
  const leftOut = await findLeftOut(repository, agent, changed, signal);
  await exclude(repository, agent, leftOut);
  await unstage(leftOut, inTree(repository, agent, signal));
  return leftOut;
}

/**
 * @param all whether `work` has every changed path. git commits a merge only as a whole.
 * @returns paths that git could not read.
 */
async function commitPaths(
  repository: TeamRepository,
  agent: string,
  subject: string,
  work: readonly ChangedPath[],
  all: boolean,
  signal: AbortSignal,
): Promise<readonly LeftOut[]> {
  const { ref } = repository;
  const options = inTree(repository, agent, signal);
  const env = { ...options.env, ...identityEnvironment(ref, agent) };
  const message = commitMessage(ref, agent, oneLine(subject));
  const fromInput = ['--pathspec-from-file=-', '--pathspec-file-nul'];
  const list = (paths: readonly ChangedPath[]) => paths.map(({ path }) => `${path}\0`).join('');
  const merging = (await findMergeHead(options)) !== undefined;
  const whole = all || merging;
  const nameless = work.filter(({ path, staged }) => path.includes(NOT_UTF8) && !(whole && staged));
  const unstaged = work.filter((one) => !one.staged && !nameless.includes(one));
  const failed = new Set(nameless.map(({ path }) => path));
  if (unstaged.length > 0) {
    const add = ['add', '--all', '--ignore-errors', ...fromInput];
    const { exitCode } = await git(add, { ...options, input: list(unstaged), accept: [0, 1] });
    const open = exitCode === 0 ? [] : await changedInTree(repository, agent, signal);
    for (const { path, staged } of open) if (!staged) failed.add(path);
  }
  const added = work.filter(({ path }) => !failed.has(path));
  const commit = ['commit', '--quiet', '--no-verify', '--cleanup=whitespace'];
  if (added.length > 0) {
    const only = whole ? [] : ['--only', ...fromInput];
    const input = only.length === 0 ? {} : { input: list(added) };
    await git([...commit, `--message=${message}`, ...only], { ...options, env, ...input });
  }
  return work
    .filter(({ path }) => failed.has(path))
    .map(({ path }) => ({
      path,
      reason: path.includes(NOT_UTF8) ? 'its name is not UTF-8' : 'git could not read it',
    }));
}

/** Stands in the output of git for bytes that are not UTF-8. A path with it cannot be given back to git. */
const NOT_UTF8 = '\uFFFD';

function oneLine(subject: string): string {
  return subject.split('\n', 1)[0]?.trim() || 'Keep what was left uncommitted';
}
