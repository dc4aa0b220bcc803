import type { AgentSpec } from '@agentteam/contract';
import { addMember, type NativeTeam, newMember, readRoster } from '@agentteam/volume';
import { goOnWithout } from './team-files.ts';

/**
 * Puts an agent back into the roster. It left when it ended, and a retry has begun it again: mail to who
 * is not in it is refused. One that is in it stays as it is.
 * @param cwd where it works, as its own process sees it.
 */
export async function joinRoster(native: NativeTeam, spec: AgentSpec, cwd: string): Promise<void> {
  const { name, model, prompt, members } = spec;
  const roster = await readRoster(native);
  if (roster === undefined || roster.members.some((member) => member.name === name)) return;
  const teammates = members.filter(({ role }) => role === 'teammate');
  const index = teammates.findIndex((member) => member.name === name);
  const member = newMember(native.team, { name, model, prompt, cwd }, Date.now(), index);
  await addMember(native, member).catch(goOnWithout);
}
