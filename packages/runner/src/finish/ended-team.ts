import { join } from 'node:path';
import { type FinishSpec, isRecord, type TeamLive } from '@agentteam/contract';
import { readUntrustedJson, writeJson } from '@agentteam/volume';
import type { Claim } from '../step/claim.ts';
import { readTeamLive } from '../step/team-live.ts';
import { type Failure, lastOf, withReasons } from './failures.ts';

/** In `PATHS.state`, which agents cannot write to. Agent names cannot contain a dot. */
const FILE = 'ended.json';

/**
 * Reads the figures of a team that has ended. This step changes the states of agents that a retry repeats, so an
 * attempt that follows a killed one gets the figures that the first attempt recorded.
 */
export async function readEndedTeam(
  claim: Claim,
  { members, budgetLimit }: FinishSpec,
  failures: readonly Failure[],
): Promise<TeamLive> {
  const recorded = await readUntrustedJson(join(claim.directories.state, FILE));
  const end = lastOf(failures);
  if (end !== '' && isRecord(recorded) && recorded['end'] === end) {
    return recorded['live'] as unknown as TeamLive;
  }
  return withReasons(await readTeamLive(claim, members, budgetLimit), failures);
}

/**
 * Records the figures of a team in which steps failed, before its states change.
 * @param state real path of the state directory.
 */
export async function recordEndedTeam(
  state: string,
  live: TeamLive,
  failures: readonly Failure[],
): Promise<void> {
  const end = lastOf(failures);
  if (end !== '') await writeJson(join(state, FILE), { end, live });
}
