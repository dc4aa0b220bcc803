import type { MemberSpec, TeamLive } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { readLive } from '@agentteam/volume';
import type { Claim } from './claim.ts';

/** The team's figures, from the claim as the trusted steps mount it. */
export async function readTeam(
  { native, directories }: Claim,
  members: readonly MemberSpec[],
  limit?: string,
): Promise<TeamLive> {
  const { state, control } = directories;
  const ledger = await new LedgerReader(directories.ledger).refresh();
  return readLive({
    native,
    state,
    control,
    ledger,
    members,
    ...(limit === undefined ? {} : { limit }),
  });
}
