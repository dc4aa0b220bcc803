import { once } from 'node:events';
import { ENV, EXIT, PATHS } from '@agentteam/contract';
import { readGatewayAddress, removeGatewayFailure } from '@agentteam/volume';
import { mounted } from '../step/mounted.ts';
import { readConfig } from './config.ts';
import { reportFailure } from './failure.ts';
import { type RunningGateway, startGateway } from './gateway.ts';
import { makeLogger } from './log.ts';

/**
 * `agentteam-runner gateway`: the sidecar that forwards an agent's API and MCP traffic. It runs until
 * the signal aborts. A gateway that cannot start reports the reason, and then waits for the signal too.
 */
export async function gatewayCommand(
  env: NodeJS.ProcessEnv,
  _argv: string[],
  signal: AbortSignal,
): Promise<number> {
  const stopped = async () => {
    if (!signal.aborted) await once(signal, 'abort');
  };
  const directory = await mounted(env[ENV.root] ?? '', PATHS.gateway);
  await removeGatewayFailure(directory);
  let gateway: RunningGateway;
  try {
    const config = await readConfig(env);
    // After a restart in the same pod, the agent keeps using the address that it has.
    const earlier = await readGatewayAddress(directory);
    gateway = await startGateway(config, makeLogger(config.team, config.agent), earlier);
  } catch (error) {
    return reportFailure(env, error as Error, stopped);
  }
  await stopped();
  await gateway.close();
  return EXIT.ok;
}
