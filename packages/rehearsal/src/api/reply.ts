import type { TokenCounts } from '@agentteam/contract';
import type { StopReason } from '../script/script.ts';
import type { MessagesRequest } from './request.ts';

/** What decides the replies: a script, or a recording. */
export interface ReplySource {
  reply(asked: Asked): Promise<Reply>;
  /** What an agent gets instead of the list of models, which is asked for before it starts. */
  modelsError?(agent: string): ErrorReply | undefined;
}

export interface Asked {
  readonly agent: string;
  /** A sub-agent that the agent started with the Agent tool, not the agent itself. */
  readonly subagent: boolean;
  readonly request: MessagesRequest;
}

export type Reply = ModelReply | ErrorReply;

export interface ModelReply {
  readonly kind: 'model';
  /** Unique among the replies of a conversation: the CLI merges messages of the same id. */
  readonly id: string;
  readonly content: readonly ReplyBlock[];
  readonly usage: ReportedUsage;
  readonly delayMs: number;
  /** Default: `tool_use` where it calls a tool, otherwise `end_turn`. */
  readonly stopReason?: StopReason;
  /** Milliseconds of thinking out of sight. */
  readonly thinkMs?: number;
  readonly pace?: { readonly characters: number; readonly everyMs: number };
  /** Events of the stream before the connection is cut. */
  readonly cutAfter?: number;
  /** Turn of the script, from 1; absent for what no script says. */
  readonly turn?: number;
}

/** What a reply says that it cost. */
export interface ReportedUsage extends TokenCounts {
  readonly webSearches?: number;
  /** Beside the reply's own tokens. */
  readonly iterations?: readonly (Partial<TokenCounts> & {
    readonly type: string;
    readonly model?: string;
  })[];
}

export type ReplyBlock =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'tool_use';
      readonly id: string;
      readonly name: string;
      readonly input: unknown;
    };

export interface ErrorReply {
  readonly kind: 'error';
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The API's own names of its errors: docs.anthropic.com/en/api/errors. */
const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

export function errorType(status: number): string {
  return ERROR_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}
