import type { SetupSpec } from '@agentteam/contract';
import { createClaimDirectories, openClaim } from '../step/claim.ts';
import { runStep } from '../step/failure.ts';
import { readSpec } from '../step/spec.ts';
import { setUpRepository } from './repository.ts';
import { assignTasks } from './tasks.ts';
import { createTeam } from './team.ts';

/**
 * Makes everything that the team's pods expect to find. Each part looks for what is there already:
 * killed at any instant and run again, it comes to the same.
 */
export function setupCommand(
  env: NodeJS.ProcessEnv,
  _argv: string[],
  signal: AbortSignal,
): Promise<number> {
  return runStep('setup', env, async (root) => {
    const spec = readSpec<SetupSpec>(env);
    const { members, repository } = spec;
    const claim = await openClaim(root, spec);
    await createClaimDirectories(claim, members);
    if (repository) await setUpRepository(env, claim, { ...spec, repository }, signal);
    await createTeam(root, claim, members);
    await assignTasks(claim.native, members);
    process.stdout.write(`${spec.team} is set up: ${members.map(({ name }) => name).join(', ')}\n`);
  });
}
