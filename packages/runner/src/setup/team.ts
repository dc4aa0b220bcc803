import { randomUUID } from 'node:crypto';
import { LEAD, type MemberSpec } from '@agentteam/contract';
import { createRoster, nativeName, newMember } from '@agentteam/volume';
import { type Claim, memberDirectory } from '../step/claim.ts';

/**
 * Writes the native roster. It lists all members from the start, so that mail to a teammate that has
 * not started yet is kept. An existing roster is left alone.
 */
export async function createTeam(
  root: string,
  claim: Claim,
  members: readonly MemberSpec[],
): Promise<void> {
  const { native } = claim;
  const now = Date.now();
  const teammates = members.filter(({ role }) => role === 'teammate');
  const roster = await Promise.all(
    [...members.filter(({ role }) => role === 'lead'), ...teammates].map(async (member) => {
      const cwd = await memberDirectory(root, claim, member);
      return newMember(native.team, { ...member, cwd }, now, teammates.indexOf(member));
    }),
  );
  await createRoster(native, {
    name: nativeName(native.team),
    createdAt: now,
    leadAgentId: `${LEAD}@${nativeName(native.team)}`,
    leadSessionId: randomUUID(),
    members: roster,
  });
}
