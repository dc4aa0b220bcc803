import { join } from 'node:path';
import { type SetupSpec, shownName } from '@agentteam/contract';
import { type HeldLock, withLock, writeJsonOnce } from '@agentteam/volume';
import { type Claim, createClaimDirectories, openClaim } from '../step/claim.ts';
import { exists } from '../step/exists.ts';
import { runStep } from '../step/failure.ts';
import { print } from '../step/print.ts';
import { readSpec } from '../step/spec.ts';
import { areFetched, fetchSources } from './fetched/fetch-sources.ts';
import { setUpRepository } from './repository.ts';
import { assignTasks } from './tasks.ts';
import { createTeam } from './team.ts';

/**
 * Marks the team as set up. It is in `PATHS.state`, which agents cannot write to. Agent names cannot
 * contain a dot.
 */
const RECORD_FILE = 'set-up.json';

/**
 * `agentteam-runner setup`: makes everything that the team's pods expect to find, unless another pod
 * has made it. Each part keeps what exists already, so a killed setup can be run again.
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
    const { fetched = [] } = spec;
    const directory = claim.directories.fetched;
    // A retry may have added a skill to a team that is set up.
    const isReady = async () => (await exists(record)) && areFetched(directory, fetched);
    let waits = false;
    let isFirst = false;
    while (!(await isReady())) {
      signal.throwIfAborted();
      await withLock(record, async (lock) => {
        await fetchSources(fetched, { env, root, directory, signal });
        // Once the record exists, agents are running: do not read anything that they can write to.
        if (await exists(record)) return;
        await setUp({ env, root, spec, claim, lock, signal });
        isFirst = true;
        lock.assertHeld();
        await writeJsonOnce(record, { at: new Date().toISOString() });
      }).catch((error: NodeJS.ErrnoException) => {
        // Another pod is still setting up the team. Keep waiting.
        if (error.code !== 'ELOCKED') throw error;
        if (!waits) print('waiting for another pod to set up the team');
        waits = true;
      });
    }
    const members = spec.members.map(({ name }) => shownName(name)).join(', ');
    print(isFirst ? `${spec.team} is set up: ${members}` : `${spec.team} was set up before`);
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
