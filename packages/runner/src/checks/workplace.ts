import { realpath } from 'node:fs/promises';
import { type ChecksSpec, EXIT, LEAD, PATHS, under } from '@agentteam/contract';
import { branchOf } from '../git/branches.ts';
import { findCommit } from '../git/commits.ts';
import { handOver } from '../git/handover/hand-over.ts';
import { exclude } from '../git/leftovers/find-left-out.ts';
import type { LeftOut } from '../git/leftovers/left-out.ts';
import { consolidate } from '../git/merge/consolidate.ts';
import { writeProgress } from '../git/merge/progress.ts';
import { inTree } from '../git/options.ts';
import { openRepository, treeOf } from '../git/repository.ts';
import { restoreTrustedFiles } from '../git/restore-trusted-files.ts';
import { git } from '../git/run.ts';
import { forbiddenChanges } from '../git/scope/violations.ts';
import { placeFiles } from '../git/worktree/place-files.ts';
import { StepFailure } from '../step/failure.ts';
import { mounted } from '../step/mounted.ts';

/** The directory in which the checks run. */
export interface Workplace {
  readonly directory: string;
  /** Adds the lead's changes to the result. */
  readonly keep: () => Promise<void>;
  /** Removes what the checks left in the directory. */
  readonly tidy: () => Promise<void>;
}

/** Opens the lead's worktree on the result branch in coding mode, and the output in Cowork mode. */
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
        throw new StepFailure(forbiddenChanges(outcome.agent, outcome.violations), EXIT.scope);
      }
      if (outcome.status !== 'merged') {
        const message = 'The work is not merged, so it cannot be checked.';
        throw new StepFailure(message, EXIT.conflict);
      }
      const tip = (await findCommit(own, options)) ?? outcome.commit;
      checked = { own: tip, result: outcome.commit };
      leftOut = outcome.leftOut;
      await placeFiles(root, opened, LEAD, lead.files ?? [], signal);
    },
    // The result was committed before the checks ran: undo their commits and branch switches. Ignored
    // files stay, because they are the checks' cache. So do the lead's files that were not committed.
    tidy: async () => {
      await restoreTrustedFiles(opened, LEAD);
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
