import type { MemberSpec, TeamLive } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { readLive } from '@agentteam/volume';
import type { Claim } from './claim.ts';

/**
 * Reads the team's figures. The steps that do so run after all agents have ended, so replies that are
 * still open in the ledger are charged at the most that they can have cost.
 */
export async function readTeamLive(
  { native, directories }: Claim,
  members: readonly MemberSpec[],
  limit?: string,
): Promise<TeamLive> {
  const { state, control } = directories;
  const ledger = new LedgerReader(directories.ledger);
  await ledger.refresh();
  return readLive({
    native,
    state,
    control,
    ledger: ledger.settleOpen(),
    members,
    ...(limit !== undefined && { limit }),
  });
}
