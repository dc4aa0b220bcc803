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
  /** Of a call in a clone of this process's own, which has the commit. */
  readonly clean: GitOptions;
}

/**
 * Runs `work` in a clone of this process's own, with the result in it. This process may hold
 * credentials: git runs in no directory that an agent could write to, and what the agents handed
 * over comes in as data, is hashed again, and is checked against everybody's scope once more.
 * @throws StepFailure where the result is not there, not whole, or not within the scopes.
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
      throw new StepFailure("The lead's step has not brought the work together.", EXIT.failed);
    }
    await verifyResult(repository, result.commit, tips, clean);
    return await work({ commit: result.commit, clean });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
