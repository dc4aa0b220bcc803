import { EXIT, LEAD } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import { findCommit, isAncestor, mergeTrees, writeCommit } from '../commits.ts';
import { commitMessage, identityEnvironment } from '../identity.ts';
import { branchOf, inOwn, inTree } from '../places.ts';
import { sharesTree, type TeamRepository } from '../repository.ts';
import { restoreTrust } from '../restore-trust.ts';
import { git, gitLine } from '../run.ts';
import { inScope } from '../scope/rules.ts';
import { changedInTree, type LeftPath, unhideChanges } from './changed-paths.ts';

/**
 * Commits what an agent left uncommitted, in its name, and sees to it that all its work is on its
 * branch, also where it had gone off to another one.
 * @param subject of the commit, from the agent's task.
 * @returns the commit that has all of its work.
 */
export async function commitLeftovers(
  repository: TeamRepository,
  agent: string,
  subject: string,
  signal: AbortSignal,
): Promise<string> {
  await restoreTrust(repository, agent);
  const options = inTree(repository, agent, signal);
  await unhideChanges(options);
  // In a tree that others write to as well, only what its scope says is this agent's.
  await commitLeft(repository, agent, subject, sharesTree(repository, agent), signal);
  await returnToBranch(repository, agent, signal);
  return gitLine(['rev-parse', 'HEAD'], options);
}

/**
 * Commits what an agent that was stopped had done so far, as far as it is within its scope: it could
 * not be asked about the rest, which stays where it is for another attempt.
 * @returns the commit that has it.
 */
export async function commitUnfinished(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<string> {
  await restoreTrust(repository, agent);
  const options = inTree(repository, agent, signal);
  // An open merge is for the next attempt to resolve.
  if ((await findCommit('MERGE_HEAD', options)) === undefined) {
    await unhideChanges(options);
    await commitLeft(repository, agent, 'Keep what was left uncommitted', true, signal);
  }
  return gitLine(['rev-parse', 'HEAD'], options);
}

async function commitLeft(
  repository: TeamRepository,
  agent: string,
  subject: string,
  isPartial: boolean,
  signal: AbortSignal,
): Promise<void> {
  const paths = await changedInTree(repository, agent, signal);
  const scope = repository.members.find(({ name }) => name === agent)?.scope;
  const left = isPartial ? paths.filter(({ path }) => inScope(path, scope)) : paths;
  if (left.length === 0) return;
  await commitPaths(repository, agent, subject, left, left.length < paths.length, signal);
}

async function commitPaths(
  repository: TeamRepository,
  agent: string,
  subject: string,
  left: readonly LeftPath[],
  isPartial: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { ref } = repository;
  const options = inTree(repository, agent, signal);
  const message = commitMessage(ref, agent, oneLine(subject));
  const commit = [
    'commit',
    '--quiet',
    '--no-verify',
    '--cleanup=whitespace',
    `--message=${message}`,
  ];
  const env = { ...options.env, ...identityEnvironment(ref, agent) };
  if (!isPartial) {
    await git(['add', '--all'], options);
    await git(commit, { ...options, env });
    return;
  }
  const fromInput = ['--pathspec-from-file=-', '--pathspec-file-nul'];
  const list = (paths: readonly LeftPath[]) => paths.map(({ path }) => `${path}\0`).join('');
  const unstaged = left.filter(({ staged }) => !staged);
  if (unstaged.length > 0) {
    await git(['add', '--all', ...fromInput], { ...options, input: list(unstaged) });
  }
  await git([...commit, '--only', ...fromInput], { ...options, env, input: list(left) });
}

async function returnToBranch(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<void> {
  const { ref, resultBranch } = repository;
  const branch = branchOf(repository, agent);
  const options = inTree(repository, agent, signal);
  const current = await git(['symbolic-ref', '--quiet', 'HEAD'], { ...options, accept: [0, 1] });
  const on = current.stdout.trim();
  // The lead ends on the result branch, where its conflicts are resolved.
  const ends = agent === LEAD ? [branch, resultBranch] : [branch];
  if (ends.some((name) => on === `refs/heads/${name}`)) return;
  const head = await gitLine(['rev-parse', 'HEAD'], options);
  const tip = (await findCommit(`refs/heads/${branch}`, options)) ?? repository.base;
  let target = head;
  if (!(await isAncestor(tip, head, options))) {
    const { tree, conflicts } = await mergeTrees(tip, head, options);
    if (conflicts.length > 0) {
      const words = `${agent} left work on ${on || 'no branch'} that conflicts with its own branch ${branch}`;
      throw new StepFailure(`${words}: ${conflicts.join(', ')}`, EXIT.conflict);
    }
    const message = commitMessage(ref, agent, `Bring together the work of ${agent}`);
    target = await writeCommit({ tree, parents: [tip, head], message, ref, agent }, options);
  }
  await git(['update-ref', `refs/heads/${branch}`, target], inOwn(repository, agent, signal));
  await git(['symbolic-ref', 'HEAD', `refs/heads/${branch}`], options);
  // The files of a tree that others write to are not this agent's to reset.
  const how = sharesTree(repository, agent) ? '--mixed' : '--hard';
  await git(['reset', '--quiet', how], options);
}

function oneLine(subject: string): string {
  return subject.split('\n', 1)[0]?.trim() || 'Keep what was left uncommitted';
}
