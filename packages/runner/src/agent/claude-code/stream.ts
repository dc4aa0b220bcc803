import { ASK_TOOL, isRecord, REPORT_TOOL } from '@agentteam/contract';
import type { AgentEvent, OutputPart, ToolCall, TurnResult } from '../agent-cli.ts';
import { defectOf } from './final-text.ts';
import { subjectOf } from './subject.ts';

/** A line of the CLI's output: an event, a message to the MCP server that the runner is, or an answer. */
export type StreamEvent =
  | AgentEvent
  | { readonly type: 'mcp'; readonly requestId: string; readonly message: unknown }
  /** The CLI has carried out a control request. */
  | { readonly type: 'controlled'; readonly requestId: string }
  /** Names of the MCP servers that the CLI could not start or reach. It says so at each turn. */
  | { readonly type: 'failed-servers'; readonly names: readonly string[] };

/** Reads one line of the CLI's output, which is JSON. @returns `undefined` for lines that the runner ignores. */
export function parseStreamLine(line: string): StreamEvent | undefined {
  let value: Line;
  try {
    value = JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
  switch (value.type) {
    case 'assistant':
      // The output of a sub-agent matters only to its caller.
      if (value.parent_tool_use_id) return undefined;
      return { type: 'output', parts: (value.message?.content ?? []).flatMap(toPart) };
    case 'user':
      return value.isReplay && value.uuid
        ? { type: 'delivered', uuid: value.uuid }
        : toolResult(value);
    case 'command_lifecycle':
      // If one turn reads several messages, only the last of them is replayed.
      return value.state === 'started' && value.command_uuid
        ? { type: 'delivered', uuid: value.command_uuid }
        : undefined;
    case 'control_request':
      return value.request?.subtype === 'mcp_message' && value.request_id !== undefined
        ? { type: 'mcp', requestId: value.request_id, message: value.request.message }
        : undefined;
    case 'control_response': {
      const { request_id: requestId } = value.response ?? {};
      return requestId === undefined ? undefined : { type: 'controlled', requestId };
    }
    case 'result':
      return { type: 'turn-ended', result: turnResult(value) };
    case 'system':
      return system(value);
    default:
      return undefined;
  }
}

function toPart({ type, text = '', id = '', name = '', input }: ContentBlock): OutputPart[] {
  if (type === 'text') return [{ type, text }];
  return type === 'tool_use' ? [{ type: 'tool-call', ...toolCall(id, name, input) }] : [];
}

/** Tools with which an agent takes part in its team, and which add nothing to its own work. */
const COORDINATION = new Set([
  'TaskUpdate',
  'TaskList',
  'TaskGet',
  REPORT_TOOL.fullName,
  ASK_TOOL.fullName,
]);

function toolCall(id: string, name: string, input: unknown): ToolCall {
  const subject = subjectOf(name, input);
  const call = { id, name, input, ...(subject !== undefined && { subject }) };
  if (name !== 'SendMessage') {
    return { ...call, purpose: COORDINATION.has(name) ? 'coordination' : 'work' };
  }
  const { to, message } = (input ?? {}) as { readonly to?: unknown; readonly message?: unknown };
  // The message of the team protocol is an object.
  const isText = typeof to === 'string' && typeof message === 'string';
  return { ...call, purpose: 'mail', ...(isText && { mailTo: to }) };
}

function system(line: Line): StreamEvent | undefined {
  const { subtype, error, error_status, tasks = [], mcp_servers: servers = [] } = line;
  if (subtype === 'init') {
    const failed = servers.filter(({ status }) => status === 'failed');
    return { type: 'failed-servers', names: failed.map(({ name = '' }) => name) };
  }
  if (subtype === 'api_retry') {
    return { type: 'api-retry', message: String(error ?? error_status ?? '') };
  }
  if (subtype !== 'background_tasks_changed') return undefined;
  const running = tasks.map(({ task_id: id = '', description = '' }) => ({ id, description }));
  return { type: 'background', tasks: running };
}

function toolResult(value: Line): StreamEvent | undefined {
  if (value.parent_tool_use_id || !Array.isArray(value.message?.content)) return undefined;
  // Each line has one result.
  const [block] = value.message.content;
  if (block?.type !== 'tool_result' || block.tool_use_id === undefined) return undefined;
  const isSuccess = block.is_error !== true && value.tool_use_result?.success !== false;
  const lines = linesIn(block.content);
  return { type: 'tool-result', callId: block.tool_use_id, isSuccess, lines };
}

function linesIn(content: unknown): number {
  const blocks = Array.isArray(content) ? content : [{ text: content }];
  const texts = blocks.map((block: unknown) => (isRecord(block) ? block['text'] : undefined));
  const text = texts
    .filter((one) => typeof one === 'string')
    .join('\n')
    .trimEnd();
  return text === '' ? 0 : text.split('\n').length;
}

/** The CLI's error when it gives up on a reply that was cut off again and again. */
const CUT_OFF = /response exceeded the \d+ output token maximum/;

/** Uses `is_error`, not `subtype`: an API error has the subtype `success`. */
function turnResult(value: Line): TurnResult {
  const { result: text = '', is_error: isError = false, terminal_reason: reason = '' } = value;
  // The CLI reports these stop reasons as API errors, but the model has replied: there is nothing to retry.
  const stopReason = isError && CUT_OFF.test(text) ? 'max_tokens' : (value.stop_reason ?? '');
  const hasReply = stopReason === 'max_tokens' || stopReason === 'refusal';
  const defect = defectOf(text, stopReason);
  return { text, isError: isError && !hasReply, reason, ...(defect !== undefined && { defect }) };
}

interface ContentBlock {
  readonly type: string;
  readonly id?: string;
  readonly text?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
  readonly content?: unknown;
  readonly is_error?: boolean;
}

/** The fields of the CLI's output that the runner reads. */
interface Line {
  readonly type?: string;
  readonly subtype?: string;
  readonly uuid?: string;
  readonly isReplay?: boolean;
  readonly state?: string;
  readonly command_uuid?: string;
  readonly parent_tool_use_id?: string | null;
  readonly message?: { readonly content?: readonly ContentBlock[] };
  readonly tool_use_result?: { readonly success?: boolean };
  readonly request_id?: string;
  readonly response?: { readonly request_id?: string };
  readonly request?: { readonly subtype?: string; readonly message?: unknown };
  readonly tasks?: readonly { readonly task_id?: string; readonly description?: string }[];
  readonly mcp_servers?: readonly { readonly name?: string; readonly status?: string }[];
  readonly result?: string;
  readonly is_error?: boolean;
  readonly terminal_reason?: string;
  readonly stop_reason?: string | null;
  readonly error?: unknown;
  readonly error_status?: unknown;
}
