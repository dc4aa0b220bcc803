/** The part of the CLI's output that the runner reads: one JSON object on each line. */
export type StreamEvent =
  | { readonly type: 'assistant'; readonly content: readonly ContentBlock[] }
  | { readonly type: 'delivered'; readonly uuid: string }
  | { readonly type: 'retry'; readonly message: string }
  | {
      readonly type: 'result';
      readonly text: string;
      /** Judged by this, not by the subtype: an API error has subtype `success`. */
      readonly isError: boolean;
      readonly reason: string;
    };

export interface ContentBlock {
  readonly type: string;
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
      return value.isReplay && value.uuid ? { type: 'delivered', uuid: value.uuid } : undefined;
    case 'command_lifecycle':
      // Of several messages that one turn takes up together, only the last comes back by itself.
      return value.state === 'started' && value.command_uuid
        ? { type: 'delivered', uuid: value.command_uuid }
        : undefined;
    case 'result':
      return {
        type: 'result',
        text: value.result ?? '',
        isError: value.is_error === true,
        reason: value.terminal_reason ?? '',
      };
    case 'system':
      return value.subtype === 'api_retry'
        ? { type: 'retry', message: String(value.error ?? value.error_status ?? '') }
        : undefined;
    default:
      return undefined;
  }
}

interface Line {
  readonly type?: string;
  readonly subtype?: string;
  readonly uuid?: string;
  readonly isReplay?: boolean;
  readonly state?: string;
  readonly command_uuid?: string;
  readonly parent_tool_use_id?: string | null;
  readonly message?: { readonly content?: readonly ContentBlock[] };
  readonly result?: string;
  readonly is_error?: boolean;
  readonly terminal_reason?: string;
  readonly error?: unknown;
  readonly error_status?: unknown;
}
