import { join } from 'node:path';
import type { SetupSpec } from '@agentteam/contract';
import { type HeldLock, withLock, writeJsonOnce } from '@agentteam/volume';
import { type Claim, createClaimDirectories, openClaim } from '../step/claim.ts';
import { exists } from '../step/exists.ts';
import { runStep } from '../step/failure.ts';
import { say } from '../step/say.ts';
import { readSpec } from '../step/spec.ts';
import { setUpRepository } from './repository.ts';
import { assignTasks } from './tasks.ts';
import { createTeam } from './team.ts';

/** In `PATHS.state`, where no agent can write: says that the team is set up. No agent's name has a dot. */
const RECORD_FILE = 'set-up.json';

/**
 * Makes everything that the team's pods expect to find, or sees that another pod has. Each part looks
 * for what is there already: killed at any instant and run again, it comes to the same.
 */
export function setupCommand(
  env: NodeJS.ProcessEnv,
  _argv: string[],
  signal: AbortSignal,
): Promise<number> {
  return runStep('setup', env, async (root) => {
    const spec = readSpec<SetupSpec>(env);
    const claim = await openClaim(root, spec);
    const record = join(claim.directories.state, RECORD_FILE);
    let waits = false;
    // Once it is there agents are at work, and nothing that they can write to is read any more.
    while (!(await exists(record))) {
      signal.throwIfAborted();
      await withLock(record, async (lock) => {
        if (await exists(record)) return;
        await setUp({ env, root, spec, claim, lock, signal });
        lock.assertHeld();
        await writeJsonOnce(record, { at: new Date().toISOString() });
      }).catch((error: NodeJS.ErrnoException) => {
        // Another pod's takes longer than a lock is waited for.
        if (error.code !== 'ELOCKED') throw error;
        if (!waits) say('another pod of the team sets it up; this one waits');
        waits = true;
      });
    }
    say(`${spec.team} is set up: ${spec.members.map(({ name }) => name).join(', ')}`);
  });
}

async function setUp(parts: {
  readonly env: NodeJS.ProcessEnv;
  readonly root: string;
  readonly spec: SetupSpec;
  readonly claim: Claim;
  readonly lock: HeldLock;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { env, root, spec, claim, lock, signal } = parts;
  const { members, repository } = spec;
  await createClaimDirectories(claim, members);
  if (repository) await setUpRepository(env, claim, { ...spec, repository }, lock, signal);
  lock.assertHeld();
  await createTeam(root, claim, members);
  await assignTasks(claim.native, members);
}
