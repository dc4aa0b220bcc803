import { ENV, type GatewayAddress, PATHS, SERVICES_PATH } from '@agentteam/contract';
import { readGatewayAddress } from '@agentteam/volume';
import { mounted } from '../step/mounted.ts';

/**
 * The addresses of an agent's services as its processes see them: `http://127.0.0.1:8787/services/npm/`.
 * @param env of the step. The gateway must be serving.
 * @param root value of `AGENTTEAM_ROOT`.
 */
export async function serviceAddresses(
  env: NodeJS.ProcessEnv,
  names: readonly string[],
  root: string,
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const address = await readGatewayAddress(await mounted(root, PATHS.gateway));
  if (address === undefined) return new Map();
  const url = env[ENV.gatewayUrl] ?? address.url;
  return new Map(names.map((name) => [name, serviceAddress({ ...address, url }, name)]));
}

/** @param gateway with the URL by which the agent's processes reach it. */
export function serviceAddress(
  { url, services = SERVICES_PATH }: Pick<GatewayAddress, 'url' | 'services'>,
  name: string,
): string {
  return `${url}${services}/${name}/`;
}
