import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES, type MemberSpec } from '@agentteam/contract';
import { readAgentStates, writeAgentState } from '@agentteam/volume';

/**
 * Prepares the agents' states for a retry. It repeats each teammate that started and did not complete,
 * the steps that waited for it, and the lead. Their final states become `stopped`: with final states,
 * the lead would not wait for the teammates, and would not start itself. States of teammates that
 * never started are removed, and roll-call writes them again if necessary.
 * @param state real path of the state directory.
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
