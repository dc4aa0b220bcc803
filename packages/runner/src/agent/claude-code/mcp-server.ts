import { REPORT_TOOL } from '@agentteam/contract';
import type { AgentTool } from '../agent-cli.ts';

/** Error codes of JSON-RPC 2.0. */
const ERRORS = { unknownMethod: -32601, invalidParams: -32602 } as const;

const PROTOCOL = '2025-06-18';

interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * Serves the runner's tools as an MCP server. Its messages travel over Claude Code's own input and output, so
 * that it needs no port and no other process can call it.
 * @returns a function that answers a message.
 */
export function serveMcp(tools: readonly AgentTool[]): (message: unknown) => Promise<object> {
  /** By id of its message, each call that has no answer yet. */
  const calls = new Map<unknown, AbortController>();
  return async (message) => {
    const { id = null, method, params = {} } = message as Message;
    if (method === 'notifications/cancelled') calls.get(params['requestId'])?.abort();
    const call = new AbortController();
    calls.set(id, call);
    try {
      return { jsonrpc: '2.0', id, ...(await answerTo(method, params, tools, call.signal)) };
    } finally {
      calls.delete(id);
    }
  };
}

async function answerTo(
  method: unknown,
  params: Readonly<Record<string, unknown>>,
  tools: readonly AgentTool[],
  signal: AbortSignal,
): Promise<object> {
  switch (method) {
    case 'initialize':
      return {
        result: {
          protocolVersion: params['protocolVersion'] ?? PROTOCOL,
          capabilities: { tools: {} },
          serverInfo: { name: REPORT_TOOL.server, version: '1' },
        },
      };
    // MCP does not answer notifications, but Claude Code waits for an answer to each of its requests.
    case 'notifications/initialized':
    case 'notifications/cancelled':
    case 'ping':
      return { result: {} };
    case 'tools/list':
      return { result: { tools: tools.map(({ definition }) => definition) } };
    case 'tools/call': {
      const tool = tools.find(({ name }) => name === params['name']);
      if (tool === undefined) {
        const message = `unknown tool: ${params['name']}`;
        return { error: { code: ERRORS.invalidParams, message } };
      }
      const { text, isError } = await tool.call(params['arguments'], signal);
      return { result: { content: [{ type: 'text', text }], ...(isError && { isError }) } };
    }
    default:
      return { error: { code: ERRORS.unknownMethod, message: `unknown method: ${method}` } };
  }
}
