import type { MemberSpec, TeamLive } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { readLive } from '@agentteam/volume';
import type { Claim } from './claim.ts';

/**
 * The team's figures, from the claim as the trusted steps mount it. These run when all agents have ended:
 * replies that were still under way are charged at their dearest outcome.
 */
export async function readTeam(
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
    ledger: ledger.giveUpUnderWay(),
    members,
    ...(limit === undefined ? {} : { limit }),
  });
}
