import { once } from 'node:events';
import { ENV, EXIT } from '@agentteam/contract';
import { PricesError } from '@agentteam/ledger';
import { ProxySettingError } from '@agentteam/notify/proxies';
import { leaveWords } from '../step/failure.ts';
import { complain } from '../step/say.ts';
import { ConfigError, readConfig } from './config.ts';
import { startGateway } from './gateway.ts';
import { makeLogger } from './log.ts';
import { ReachError } from './outside/reach.ts';

/** What whoever set it has to put right. */
const SETTINGS = [ConfigError, PricesError, ProxySettingError, ReachError];

/**
 * `agentteam-runner gateway`: the sidecar through which all of an agent's API and MCP traffic goes. Runs
 * until the signal aborts; on the embedded engine also until stdin ends, so that it never outlives it.
 * @returns the exit code: 0, or `EXIT.invalid` for a spec, variable or price table it cannot use.
 */
export async function gatewayCommand(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  try {
    const config = await readConfig(env);
    const gateway = await startGateway(config, makeLogger(config.team, config.agent));
    const stops = [whenAborted(signal)];
    if (env[ENV.engine] === 'local') stops.push(whenStdinEnds());
    await Promise.race(stops);
    await gateway.close();
    return EXIT.ok;
  } catch (error) {
    if (!SETTINGS.some((kind) => error instanceof kind) || !(error instanceof Error)) throw error;
    complain(`agentteam-runner gateway: ${error.message}`);
    await leaveWords(env[ENV.root] ?? '', error.message);
    return EXIT.invalid;
  }
}

async function whenAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

async function whenStdinEnds(): Promise<void> {
  process.stdin.resume();
  await Promise.race([once(process.stdin, 'end'), once(process.stdin, 'close')]);
}
