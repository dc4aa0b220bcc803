import { once } from 'node:events';
import { ENV, EXIT, PATHS } from '@agentteam/contract';
import { readGatewayAddress, removeGatewayFailure } from '@agentteam/volume';
import { mounted } from '../step/mounted.ts';
import { readConfig } from './config.ts';
import { reportFailure } from './failure.ts';
import { type RunningGateway, startGateway } from './gateway.ts';
import { makeLogger } from './log.ts';

/**
 * `agentteam-runner gateway`: the sidecar through which all of an agent's API and MCP traffic goes. Runs
 * until the signal aborts; on the embedded engine also until stdin ends, so that it never outlives it.
 * One that cannot start says why and waits for its end all the same.
 */
export async function gatewayCommand(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  const stopped = async () => {
    const stops = [whenAborted(signal)];
    if (env[ENV.engine] === 'local') stops.push(whenStdinEnds());
    await Promise.race(stops);
  };
  const directory = await mounted(env[ENV.root] ?? '', PATHS.gateway);
  await removeGatewayFailure(directory);
  let gateway: RunningGateway;
  try {
    const config = await readConfig(env);
    // One that was killed in this pod: its agent goes on with the address that it has.
    const earlier = await readGatewayAddress(directory);
    gateway = await startGateway(config, makeLogger(config.team, config.agent), earlier);
  } catch (error) {
    return reportFailure(env, error as Error, stopped);
  }
  await stopped();
  await gateway.close();
  return EXIT.ok;
}

async function whenAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

async function whenStdinEnds(): Promise<void> {
  process.stdin.resume();
  await Promise.race([once(process.stdin, 'end'), once(process.stdin, 'close')]);
}
