import { type AgentReport, REPORT_TOOL } from '@agentteam/contract';
import { log } from './log.ts';
import { acknowledgement, REPORT_DEFINITION, readReport } from './report-tool.ts';

/** JSON-RPC 2.0 and MCP: what a server says of a request that it cannot answer. */
const ERRORS = { method: -32601, params: -32602 } as const;

const PROTOCOL = '2025-06-18';

interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What becomes of a report: recorded, or refused for a reason that the model is told. */
export type OnReport = (report: AgentReport) => Promise<{ readonly refused?: string }>;

/**
 * Serves the report tool, as an MCP server whose messages travel over Claude Code's own input and output:
 * no port is open for it, and no other process can call it.
 * @param onReport has recorded the report durably when it resolves.
 */
export async function answerMcp(message: unknown, onReport: OnReport): Promise<object> {
  const { id = null, method, params = {} } = message as Message;
  return { jsonrpc: '2.0', id, ...(await answerTo(method, params, onReport)) };
}

async function answerTo(
  method: unknown,
  params: Readonly<Record<string, unknown>>,
  onReport: OnReport,
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
    // A notification gets no answer in MCP, but Claude Code waits for one to each of its requests.
    case 'notifications/initialized':
    case 'ping':
      return { result: {} };
    case 'tools/list':
      return { result: { tools: [REPORT_DEFINITION] } };
    case 'tools/call':
      if (params['name'] !== REPORT_TOOL.name) {
        return { error: { code: ERRORS.params, message: `unknown tool: ${params['name']}` } };
      }
      return { result: await call(params['arguments'], onReport) };
    default:
      return { error: { code: ERRORS.method, message: `unknown method: ${method}` } };
  }
}

async function call(input: unknown, onReport: OnReport): Promise<object> {
  const read = readReport((input ?? {}) as Readonly<Record<string, unknown>>);
  if ('problem' in read) return refusal(read.problem);
  try {
    const { refused } = await onReport(read.report);
    return refused === undefined ? textResult(acknowledgement(read.report)) : refusal(refused);
  } catch (error) {
    log('report', `could not be recorded: ${String(error)}`);
    return refusal('The report could not be recorded. Call the tool again.');
  }
}

function refusal(words: string): object {
  return { ...textResult(words), isError: true };
}

function textResult(text: string): object {
  return { content: [{ type: 'text', text }] };
}
