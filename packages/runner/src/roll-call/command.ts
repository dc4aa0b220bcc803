import { mkdir } from 'node:fs/promises';
import { LEAD, type RollCallSpec } from '@agentteam/contract';
import { readAgentState, readStopMarker, sendMail, writeAgentState } from '@agentteam/volume';
import { openClaim } from '../step/claim.ts';
import { runStep } from '../step/failure.ts';
import { complain, say } from '../step/say.ts';
import { readSpec } from '../step/spec.ts';
import { missingState } from './missing-state.ts';

/**
 * Tells the lead who will never report: it waits for a final state of every teammate.
 * @param argv `name=Status` for each teammate, the status as Argo says it.
 */
export function rollCallCommand(
  env: NodeJS.ProcessEnv,
  argv: string[],
  signal: AbortSignal,
): Promise<number> {
  return runStep('roll-call', env, async (root) => {
    const spec = readSpec<RollCallSpec>(env);
    const claim = await openClaim(root, spec);
    const statuses = new Map(argv.map(nameAndStatus));
    // Where all were stopped the lead was, too, and nobody has to be told.
    const stop = await readStopMarker(claim.directories.control);
    for (const name of spec.teammates) {
      signal.throwIfAborted();
      const earlier = await readAgentState(claim.directories.state, name);
      if (stop !== undefined && earlier?.phase === 'stopped') continue;
      const state = missingState(name, statuses.get(name) ?? '', earlier, new Date());
      if (state === undefined) continue;
      // The mail first: the lead may end as soon as it sees the last state.
      const text = `${name} will send no report. ${state.message}`;
      const mail = { from: name, text, summary: `${name}: ${state.phase}` };
      await sendMail(claim.native, LEAD, mail).catch((error: Error) => {
        // Agents can keep mail from arriving. The state, which they cannot, is what the lead waits for.
        complain(`${name}: the lead gets no mail about it: ${error.message}`);
      });
      await mkdir(`${claim.directories.state}/${name}`, { recursive: true });
      await writeAgentState(`${claim.directories.state}/${name}`, state);
      say(`${name}: ${state.phase}. ${state.message}`);
    }
  });
}

function nameAndStatus(argument: string): [name: string, status: string] {
  const [name = '', status = ''] = argument.split('=', 2);
  return [name, status];
}
