import type { Lead, McpServer, Teammate } from '@agentteam/api';
import {
  CREDENTIAL_HEADERS,
  hostIn,
  isModelApi,
  isReservedHeader,
  placeOf,
} from '@agentteam/contract';
import type { Problem } from '../../problem.ts';

/** Checks the addresses, headers and variables of an agent's MCP servers. */
export function checkMcpServers(agent: Lead | Teammate, path: Problem['path']): readonly Problem[] {
  return (agent.mcpServers ?? []).flatMap((server, index) => {
    const at = [...path, 'mcpServers', index];
    return [
      ...checkUrl(server, at),
      ...checkHeaders(server, at),
      ...checkRepeated(server.headers, [...at, 'headers'], (name) => name.toLowerCase()),
      ...checkRepeated(server.env, [...at, 'env'], (name) => name),
    ];
  });
}

/** The gateway adds the credential of an MCP server, and does not count what its replies cost. */
function checkUrl({ url = '' }: McpServer, path: Problem['path']): readonly Problem[] {
  const host = hostIn(url);
  if (placeOf(host) === 'metadata') {
    return [
      {
        code: 'bad-mcp-url',
        path: [...path, 'url'],
        message: `\`${host}\` is a link-local address, where clouds serve the credentials of the machine`,
        hint: 'use the address of an MCP server',
      },
    ];
  }
  if (!isModelApi(host)) return [];
  return [
    {
      code: 'bad-mcp-url',
      path: [...path, 'url'],
      message: `\`${host}\` serves models, and the cost of requests to an MCP server is not counted`,
      hint: 'remove the server: agents reach models through the gateway already',
    },
  ];
}

function checkHeaders({ headers = [] }: McpServer, path: Problem['path']): readonly Problem[] {
  return headers.flatMap(({ name }, index): readonly Problem[] => {
    const at = [...path, 'headers', index, 'name'];
    if (CREDENTIAL_HEADERS.has(name.toLowerCase())) {
      return [
        {
          code: 'bad-header',
          path: at,
          message: `the header \`${name}\` carries a credential, and everybody who can read the team could read it`,
          hint: 'put it into a Secret and name it in headersSecret, or a bearer token into credentialsSecret',
        },
      ];
    }
    if (!isReservedHeader(name)) return [];
    return [
      {
        code: 'bad-header',
        path: at,
        message: `the header \`${name}\` belongs to the connection or to MCP itself`,
        hint: 'remove it: Claude Code and the gateway set it',
      },
    ];
  });
}

function checkRepeated(
  list: readonly { readonly name: string }[] = [],
  path: Problem['path'],
  normal: (name: string) => string,
): readonly Problem[] {
  return list.flatMap(({ name }, index) =>
    list.findIndex((other) => normal(other.name) === normal(name)) === index
      ? []
      : [
          {
            code: 'repeated-name',
            path: [...path, index, 'name'],
            message: `\`${name}\` is listed twice`,
            hint: 'remove one of them',
          },
        ],
  );
}
