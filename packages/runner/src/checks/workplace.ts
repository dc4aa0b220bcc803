import { realpath } from 'node:fs/promises';
import { type ChecksSpec, EXIT, LEAD, PATHS, under } from '@agentteam/contract';
import { consolidate, openRepository, treeOf } from '../git/index.ts';
import { inTree } from '../git/places.ts';
import { git } from '../git/run.ts';
import { StepFailure } from '../step/failure.ts';

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
  return {
    directory: treeOf(opened, LEAD),
    keep: async () => {
      const outcome = await consolidate(opened, under(root, PATHS.session), signal);
      if (outcome.status === 'merged') return;
      throw new StepFailure('The work is not merged, so there is nothing to check.', EXIT.conflict);
    },
    // All that is wanted was committed before they ran. What is ignored stays: it is their cache.
    tidy: async () => {
      await git(['reset', '--quiet', '--hard'], options);
      await git(['clean', '--quiet', '-d', '--force', '--force'], options);
    },
  };
}
