import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES, type MemberSpec } from '@agentteam/contract';
import { readAgentStates, writeAgentState } from '@agentteam/volume';

/**
 * Readies the states of a team that has ended for a retry, which repeats every teammate that began and
 * did not complete, what waited for it, and the lead. The lead waits for final states: by those of
 * before it would end without them, and by its own it would not begin. Who never came is said again.
 * @param state directory of the agents' states, its real path.
 */
export async function reopenStates(state: string, members: readonly MemberSpec[]): Promise<void> {
  const states = await readAgentStates(
    state,
    members.map(({ name }) => name),
  );
  const known = members.flatMap(({ name, role }) => {
    const own = states.get(name);
    return own === undefined ? [] : [{ role, own }];
  });
  const isRepeated = known.some(
    ({ role, own: { phase } }) =>
      role === 'teammate' && phase !== 'completed' && phase !== 'absent',
  );
  if (!isRepeated) return;
  for (const { role, own } of known) {
    const directory = join(state, own.name);
    if (own.phase === 'absent') await rm(join(directory, FILES.state));
    else if (own.phase !== 'completed' || role === 'lead') {
      await writeAgentState(directory, { ...own, phase: 'stopped' });
    }
  }
}
