import { mkdir } from 'node:fs/promises';
import { LEAD, type RollCallSpec } from '@agentteam/contract';
import { readAgentState, readStopMarker, sendMail, writeAgentState } from '@agentteam/volume';
import { missingReport } from '../prompts/team-mail.ts';
import { openClaim } from '../step/claim.ts';
import { runStep } from '../step/failure.ts';
import { print, printError } from '../step/print.ts';
import { readSpec } from '../step/spec.ts';
import { missingState } from './missing-state.ts';

/**
 * `agentteam-runner roll-call`: writes the final state of teammates that can no longer write it, and
 * tells the lead, which waits for a final state of each teammate.
 * @param argv `name=Status` for each teammate, with Argo's status of its step.
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
    // A stop ends the lead as well, so there is no one to tell.
    const stop = await readStopMarker(claim.directories.control);
    for (const name of spec.teammates) {
      signal.throwIfAborted();
      const earlier = await readAgentState(claim.directories.state, name);
      if (stop !== undefined && earlier?.phase === 'stopped') continue;
      const state = missingState(name, statuses.get(name) ?? '', earlier, new Date());
      if (state === undefined) continue;
      // Send the mail before writing the state: the lead may end as soon as it sees the last state.
      const { message = 'Its step failed before it could say why.' } = state;
      const mail = { from: name, ...missingReport(name, state.phase, message) };
      await sendMail(claim.native, LEAD, mail).catch((error: Error) => {
        // Agents can block mail. They cannot block the state, which is what the lead waits for.
        printError(`${name}: the lead could not be informed by mail: ${error.message}`);
      });
      await mkdir(`${claim.directories.state}/${name}`, { recursive: true });
      await writeAgentState(`${claim.directories.state}/${name}`, state);
      print(`${name}: ${state.phase}. ${message}`);
    }
  });
}

function nameAndStatus(argument: string): [name: string, status: string] {
  const [name = '', status = ''] = argument.split('=', 2);
  return [name, status];
}
