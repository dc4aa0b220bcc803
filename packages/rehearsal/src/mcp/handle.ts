import type { ServerResponse } from 'node:http';
import { sendJson } from '../api/send-reply.ts';
import type { McpServers } from './servers.ts';

interface JsonRpcRequest {
  readonly id?: string | number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Error codes of JSON-RPC 2.0. */
const ERRORS = { parse: -32700, method: -32601, params: -32602 } as const;

const PROTOCOL = '2025-06-18';

/**
 * Serves MCP over streamable HTTP without sessions and streams: every POST contains one message and is
 * answered with JSON (modelcontextprotocol.io, 2025-06-18, "Transports").
 */
export async function handleMcp(
  response: ServerResponse,
  method: string,
  body: string,
  server: string,
  servers: McpServers,
): Promise<void> {
  if (method !== 'POST') {
    response.writeHead(405, { allow: 'POST' }).end();
    return;
  }
  const request = readMessage(body);
  if (request === undefined) {
    const error = { code: ERRORS.parse, message: 'not a JSON-RPC message' };
    return sendJson(response, 400, { jsonrpc: '2.0', id: null, error });
  }
  if (request.id === undefined) {
    response.writeHead(202).end();
    return;
  }
  const answer = await answerTo(request, server, servers);
  sendJson(response, 200, { jsonrpc: '2.0', id: request.id, ...answer });
}

async function answerTo(
  { method, params }: JsonRpcRequest,
  server: string,
  servers: McpServers,
): Promise<object> {
  switch (method) {
    case 'initialize':
      return {
        result: {
          protocolVersion: params['protocolVersion'] ?? PROTOCOL,
          capabilities: { tools: {} },
          serverInfo: { name: server, version: '0.1.0' },
        },
      };
    case 'ping':
      return { result: {} };
    case 'tools/list':
      return {
        result: {
          tools: servers.tools(server).map(({ name, description = '', inputSchema }) => ({
            name,
            description,
            inputSchema: inputSchema ?? { type: 'object' },
          })),
        },
      };
    case 'tools/call': {
      const name = String(params['name']);
      const input = (params['arguments'] ?? {}) as Readonly<Record<string, unknown>>;
      const text = await servers.call(server, name, input);
      if (text === undefined) {
        return { error: { code: ERRORS.params, message: `Unknown tool: ${name}` } };
      }
      return { result: { content: [{ type: 'text', text }] } };
    }
    default:
      return { error: { code: ERRORS.method, message: `Method not found: ${method}` } };
  }
}

function readMessage(body: string): JsonRpcRequest | undefined {
  try {
    const { id, method, params } = JSON.parse(body) as Partial<JsonRpcRequest>;
    if (typeof method !== 'string') return undefined;
    return { ...(id !== undefined && { id }), method, params: params ?? {} };
  } catch {
    return undefined;
  }
}
