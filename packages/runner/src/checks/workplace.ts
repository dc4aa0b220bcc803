import { realpath } from 'node:fs/promises';
import { type ChecksSpec, EXIT, LEAD, PATHS, under } from '@agentteam/contract';
import { findCommit } from '../git/commits.ts';
import { consolidate, describeViolations, handOver, openRepository, treeOf } from '../git/index.ts';
import { exclude } from '../git/leftovers/judge.ts';
import type { LeftOut } from '../git/leftovers/left-out.ts';
import { writeProgress } from '../git/merge/progress.ts';
import { branchOf, inTree } from '../git/places.ts';
import { restoreTrust } from '../git/restore-trust.ts';
import { git } from '../git/run.ts';
import { StepFailure } from '../step/failure.ts';
import { mounted } from '../step/mounted.ts';

/** Where the checks run. */
export interface Workplace {
  readonly directory: string;
  /** Makes what the lead changed part of the result. */
  readonly keep: () => Promise<void>;
  /** Takes away what the checks left lying about. */
  readonly tidy: () => Promise<void>;
}

/** Coding mode: the lead's worktree, on the result branch. Cowork mode: the output. */
export async function openWorkplace(
  root: string,
  spec: ChecksSpec,
  signal: AbortSignal,
): Promise<Workplace> {
  if (spec.repository === undefined) {
    const directory = await realpath(under(root, spec.output ?? PATHS.work));
    return { directory, keep: async () => {}, tidy: async () => {} };
  }
  const { team, namespace, repository, lead } = spec;
  const opened = await openRepository(root, { team, namespace, repository, members: lead.members });
  const options = inTree(opened, LEAD, signal);
  const session = under(root, PATHS.session);
  const ownState = await mounted(root, PATHS.ownState);
  const result = `refs/heads/${opened.resultBranch}`;
  const own = `refs/heads/${branchOf(opened, LEAD)}`;
  let checked = { own: opened.base, result: opened.base };
  let leftOut: readonly LeftOut[] = [];
  return {
    directory: treeOf(opened, LEAD),
    keep: async () => {
      const outcome = await consolidate(opened, session, signal);
      if (outcome.status === 'violation') {
        const files = describeViolations(outcome.violations);
        throw new StepFailure(`${outcome.agent} changed what it may not:\n${files}`, EXIT.scope);
      }
      if (outcome.status !== 'merged') {
        const words = 'The work is not merged, so there is nothing to check.';
        throw new StepFailure(words, EXIT.conflict);
      }
      const tip = (await findCommit(own, options)) ?? outcome.commit;
      checked = { own: tip, result: outcome.commit };
      leftOut = outcome.leftOut;
    },
    // All that is wanted was committed before they ran: a commit that a test makes, or a branch
    // that it goes to, is none of it. What is ignored stays: it is their cache. So does what the lead has
    // left that was not committed.
    tidy: async () => {
      await restoreTrust(opened, LEAD);
      await exclude(opened, LEAD, leftOut);
      await git(['update-ref', own, checked.own], options);
      await git(['update-ref', result, checked.result], options);
      await git(['symbolic-ref', 'HEAD', result], options);
      await writeProgress(session, { tip: checked.result });
      await git(['reset', '--quiet', '--hard'], options);
      await git(['clean', '--quiet', '-d', '--force', '--force'], options);
      await handOver(opened, LEAD, ownState, { commit: checked.result, merged: true }, signal);
    },
  };
}
