import { LEAD } from '@agentteam/contract';
import { type Correspondence, readMessages } from '@agentteam/detail';
import type { LocalTeam } from './local-team.ts';

/** Reads the mail of a team on this machine, in the order in which it was sent. */
export async function readLocalMessages(team: LocalTeam): Promise<Correspondence> {
  const native = team.native(await team.workflow());
  const agents = [LEAD, ...team.record.team.spec.teammates.map(({ name }) => name)];
  return readMessages(native, team.volumes, agents);
}
