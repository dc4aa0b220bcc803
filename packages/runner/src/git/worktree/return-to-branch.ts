import { EXIT, LEAD } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import { branchOf } from '../branches.ts';
import { findCommit, isAncestor, isRelated, readHead, writeCommit } from '../commits.ts';
import { commitMessage } from '../identity.ts';
import { mergeTrees } from '../merge/merge-trees.ts';
import { inOwn, inTree } from '../options.ts';
import { sharesTree, type TeamRepository } from '../repository.ts';
import { git, gitLine } from '../run.ts';

/**
 * Moves all commits of an agent to its branch, and its worktree with them.
 * @returns the commit with all of the agent's work, which HEAD is at.
 * @throws StepFailure with `EXIT.conflict` when the work on the two branches conflicts.
 */
export async function returnToBranch(
  repository: TeamRepository,
  agent: string,
  signal: AbortSignal,
): Promise<string> {
  const { ref, resultBranch, base } = repository;
  const branch = branchOf(repository, agent);
  const options = inTree(repository, agent, signal);
  // Without any commit, the second call fails.
  const { commit, ref: on } = (await readHead(options)) ?? {
    commit: await gitLine(['rev-parse', 'HEAD'], options),
    ref: '',
  };
  // The lead resolves conflicts on the result branch, and may end there.
  const ends = agent === LEAD ? [branch, resultBranch] : [branch];
  let target = commit;
  if (ends.some((name) => on === `refs/heads/${name}`)) {
    if (await isRelated(base, commit, options)) return commit;
    // The agent has rewritten the first commit of the repository, for example with `git commit --amend`.
    const message = commitMessage(ref, agent, `Keep the history before the work of ${agent}`);
    const parents = [base, commit];
    target = await writeCommit({ tree: `${commit}^{tree}`, parents, message, ref, agent }, options);
  }
  const tip = (await findCommit(`refs/heads/${branch}`, options)) ?? base;
  if (!(await isAncestor(tip, target, options))) {
    const { tree, conflicts } = await mergeTrees(tip, target, options);
    if (conflicts.length > 0) {
      const message = `${agent} left work on ${on || 'no branch'} that conflicts with the work on its own branch ${branch}`;
      throw new StepFailure(`${message}: ${conflicts.join(', ')}`, EXIT.conflict);
    }
    const message = commitMessage(ref, agent, `Merge the work of ${agent} on other branches`);
    target = await writeCommit({ tree, parents: [tip, target], message, ref, agent }, options);
  }
  await git(['update-ref', `refs/heads/${branch}`, target], inOwn(repository, agent, signal));
  await git(['symbolic-ref', 'HEAD', `refs/heads/${branch}`], options);
  // Do not reset the files of a shared tree: other agents write to them.
  const how = sharesTree(repository, agent) ? '--mixed' : '--hard';
  await git(['reset', '--quiet', how], options);
  return target;
}
