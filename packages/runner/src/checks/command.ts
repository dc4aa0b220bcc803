import type { ChecksSpec } from '@agentteam/contract';
import { openLeadRounds } from '../agent/lead-rounds.ts';
import { waitForSidecars } from '../agent/sidecars.ts';
import { checkImage } from '../environment/check-image.ts';
import { runStep } from '../step/failure.ts';
import { openGatewayPort } from '../step/gateway-access.ts';
import { refuseIdentity } from '../step/no-identity.ts';
import { readSpec } from '../step/spec.ts';
import { runRounds } from './rounds.ts';

/** `agentteam-runner checks`: checks the result, and asks the lead to fix what fails. */
export function checksCommand(
  given: NodeJS.ProcessEnv,
  _argv: string[],
  signal: AbortSignal,
): Promise<number> {
  return runStep('checks', given, async (root) => {
    const env = await openGatewayPort(given);
    const spec = readSpec<ChecksSpec>(env);
    if (root === '') await refuseIdentity(env, spec.lead.serviceAccount);
    // Open the rounds before any program of the repository runs: none can have touched the gateway's
    // port yet.
    const lead = await openLeadRounds(spec.lead, env, signal);
    try {
      await checkImage(env, spec.lead, signal);
      await waitForSidecars(spec.lead.sidecars, signal);
      await runRounds({ root, env, spec, askLead: (message) => lead.run(message), signal });
    } finally {
      lead.close();
    }
  });
}
