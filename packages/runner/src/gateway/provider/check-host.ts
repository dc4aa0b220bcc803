import { EXIT, type ProviderRefusal, providerUrl } from '@agentteam/contract';
import type { TeamLedger } from '../budget/team-ledger.ts';
import type { GatewayConfig } from '../config.ts';
import { API_HOST, hostOf } from '../outbound/messages-api.ts';
import { isUnknownHost } from '../outbound/unknown-host.ts';
import { addressFields } from './messages/address.ts';

interface CheckHostOptions {
  readonly config: Pick<GatewayConfig, 'upstream' | 'provider' | 'proxies' | 'isLocal'>;
  readonly ledger: TeamLedger;
}

/**
 * Finds an address that does not exist: a mistyped region, resource or base URL. Once the provider has answered the
 * team, a name that cannot be resolved is a fault of the network, which ends. So it is for Anthropic's own address.
 */
export async function checkHost({
  config,
  ledger,
}: CheckHostOptions): Promise<ProviderRefusal | undefined> {
  const { upstream, proxies } = config;
  if (hostOf(upstream) === API_HOST || ledger.answeredSince(0)) return undefined;
  if (!(await isUnknownHost(upstream, proxies))) return undefined;
  return { message: unknownHost(config), exitCode: EXIT.invalid, final: true };
}

export function unknownHost(
  config: Pick<GatewayConfig, 'upstream' | 'provider' | 'isLocal'>,
): string {
  const { upstream, provider } = config;
  const isOwn = provider !== undefined && new URL(providerUrl(provider)).host === upstream.host;
  const own = provider?.name === 'foundry' ? 'auth.resource' : 'auth.region';
  const field = isOwn ? own : addressFields(config);
  return `no host is named ${hostOf(upstream)}: correct ${field}, or the network of the gateway, and start the team again`;
}
