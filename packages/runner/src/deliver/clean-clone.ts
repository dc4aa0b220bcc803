import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, LEAD } from '@agentteam/contract';
import { takeTeam, takeWork } from '../git/handover/take.ts';
import type { TeamRepository } from '../git/repository.ts';
import type { GitOptions } from '../git/run.ts';
import { makeTrustedClone } from '../git/trusted-clone.ts';
import { verifyResult } from '../git/verify.ts';
import { StepFailure } from '../step/failure.ts';

export interface VerifiedResult {
  readonly commit: string;
  /** Git options for a clone that has the commit and that no agent can write to. */
  readonly clean: GitOptions;
}

/**
 * Runs `work` with a fresh clone that has the result. This process holds credentials, so git must not
 * run in a directory that an agent could write to. The agents' work is taken over as data, hashed
 * again, and checked against all scopes again.
 * @throws StepFailure when the result is missing, incomplete or outside the scopes.
 */
export async function withVerifiedResult<T>(
  repository: TeamRepository,
  signal: AbortSignal,
  work: (result: VerifiedResult) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'agentteam-deliver-'));
  try {
    const clean = await makeTrustedClone(repository, join(directory, 'clean.git'), signal);
    const tips = await takeTeam(repository, clean);
    const result = await takeWork(repository, LEAD, clean);
    if (!result?.merged) {
      throw new StepFailure("The lead has not merged the team's work.", EXIT.failed);
    }
    await verifyResult(repository, result.commit, tips, clean);
    return await work({ commit: result.commit, clean });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
