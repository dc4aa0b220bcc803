import type { BackgroundTask } from './background.ts';

/** The part of the CLI's output that the runner reads: one JSON object on each line. */
export type StreamEvent =
  | { readonly type: 'assistant'; readonly content: readonly ContentBlock[] }
  | { readonly type: 'delivered'; readonly uuid: string }
  | { readonly type: 'tool-result'; readonly toolUseId: string; readonly succeeded: boolean }
  | { readonly type: 'retry'; readonly message: string }
  /** All background tasks that run now. */
  | { readonly type: 'background'; readonly tasks: readonly BackgroundTask[] }
  /** A message to the MCP server that the runner is. */
  | { readonly type: 'mcp'; readonly requestId: string; readonly message: unknown }
  | {
      readonly type: 'result';
      readonly text: string;
      /** Judged by this, not by the subtype: an API error has subtype `success`. */
      readonly isError: boolean;
      readonly reason: string;
      /** As the API names it. */
      readonly stopReason: string;
    };

export interface ContentBlock {
  readonly type: string;
  readonly id?: string;
  readonly text?: string;
  readonly name?: string;
  readonly input?: unknown;
}

/** @returns undefined for lines that mean nothing to the runner. */
export function parseStreamLine(line: string): StreamEvent | undefined {
  let value: Line;
  try {
    value = JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
  switch (value.type) {
    case 'assistant':
      // A sub-agent's words are its caller's business.
      if (value.parent_tool_use_id) return undefined;
      return { type: 'assistant', content: value.message?.content ?? [] };
    case 'user':
      return value.isReplay && value.uuid
        ? { type: 'delivered', uuid: value.uuid }
        : toolResult(value);
    case 'command_lifecycle':
      // Of several messages that one turn takes up together, only the last comes back by itself.
      return value.state === 'started' && value.command_uuid
        ? { type: 'delivered', uuid: value.command_uuid }
        : undefined;
    case 'control_request':
      return value.request?.subtype === 'mcp_message' && value.request_id !== undefined
        ? { type: 'mcp', requestId: value.request_id, message: value.request.message }
        : undefined;
    case 'result':
      return result(value);
    case 'system':
      return system(value);
    default:
      return undefined;
  }
}

function system({ subtype, error, error_status, tasks = [] }: Line): StreamEvent | undefined {
  if (subtype === 'api_retry')
    return { type: 'retry', message: String(error ?? error_status ?? '') };
  if (subtype !== 'background_tasks_changed') return undefined;
  const running = tasks.map(({ task_id: id = '', description = '' }) => ({ id, description }));
  return { type: 'background', tasks: running };
}

function toolResult(value: Line): StreamEvent | undefined {
  if (value.parent_tool_use_id || !Array.isArray(value.message?.content)) return undefined;
  // Each result is a line of its own.
  const [block] = value.message.content;
  if (block?.type !== 'tool_result' || block.tool_use_id === undefined) return undefined;
  const succeeded = block.is_error !== true && value.tool_use_result?.success !== false;
  return { type: 'tool-result', toolUseId: block.tool_use_id, succeeded };
}

/** How the CLI puts it that it gave up on a reply that was cut off again and again. */
const CUT_OFF = /response exceeded the \d+ output token maximum/;

function result(value: Line): StreamEvent {
  const { result: text = '', is_error: isError = false, terminal_reason: reason = '' } = value;
  // These come as errors of the API. The model has answered: there is nothing to send again.
  const stopReason = isError && CUT_OFF.test(text) ? 'max_tokens' : (value.stop_reason ?? '');
  const answered = stopReason === 'max_tokens' || stopReason === 'refusal';
  return { type: 'result', text, isError: isError && !answered, reason, stopReason };
}

interface Line {
  readonly type?: string;
  readonly subtype?: string;
  readonly uuid?: string;
  readonly isReplay?: boolean;
  readonly state?: string;
  readonly command_uuid?: string;
  readonly parent_tool_use_id?: string | null;
  readonly message?: {
    readonly content?: readonly (ContentBlock & {
      readonly tool_use_id?: string;
      readonly is_error?: boolean;
    })[];
  };
  readonly tool_use_result?: { readonly success?: boolean };
  readonly request_id?: string;
  readonly request?: { readonly subtype?: string; readonly message?: unknown };
  readonly tasks?: readonly { readonly task_id?: string; readonly description?: string }[];
  readonly result?: string;
  readonly is_error?: boolean;
  readonly terminal_reason?: string;
  readonly stop_reason?: string | null;
  readonly error?: unknown;
  readonly error_status?: unknown;
}
