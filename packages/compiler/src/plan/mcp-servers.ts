import type { McpServer } from '@agentteam/api';
import type { AgentSpec } from '@agentteam/contract';
import type { ResolvedAgent } from '../resolve/agents.ts';

type HttpServer = McpServer & { readonly url: string };

/** The servers that an agent reaches through its gateway. */
export function httpServers({ mcpServers }: ResolvedAgent): readonly HttpServer[] {
  return mcpServers.filter((server): server is HttpServer => server.url !== undefined);
}

/** The servers that run in the agent's container. */
export function stdioServers({ mcpServers }: ResolvedAgent): Pick<AgentSpec, 'stdioServers'> {
  const servers = mcpServers.flatMap(({ name, command, args = [], env = [] }) =>
    command === undefined ? [] : [{ name, command, args, env: valuesOf(env) }],
  );
  return servers.length === 0 ? {} : { stdioServers: servers };
}

/** Values by name. */
export function valuesOf(
  list: readonly { readonly name: string; readonly value: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}
