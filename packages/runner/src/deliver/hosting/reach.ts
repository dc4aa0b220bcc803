import { EXIT } from '@agentteam/contract';
import { ProxySettingError, proxiedFetch, readProxies } from '@agentteam/notify';
import { StepFailure } from '../../step/failure.ts';

/** How a REST API is reached from here: as the environment says. @throws StepFailure where it cannot be read. */
export function reach(env: NodeJS.ProcessEnv): typeof fetch {
  try {
    return proxiedFetch(readProxies(env));
  } catch (error) {
    if (!(error instanceof ProxySettingError)) throw error;
    throw new StepFailure(error.message, EXIT.invalid, error);
  }
}
