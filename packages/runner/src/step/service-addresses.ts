import { type GatewayAddress, SERVICES_PATH } from '@agentteam/contract';

/**
 * The addresses of an agent's services as its processes see them: `http://127.0.0.1:8787/services/npm/`.
 * @param gateway with the URL by which the agent's processes reach it.
 */
export function serviceAddresses(
  names: readonly string[],
  { url, services = SERVICES_PATH }: Pick<GatewayAddress, 'url' | 'services'>,
): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name, `${url}${services}/${name}/`]));
}
