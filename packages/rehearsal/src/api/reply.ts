import { REHEARSAL_MISTAKE, type TokenCounts } from '@agentteam/contract';
import type { StopReason } from '../script/script.ts';
import type { MessagesRequest } from './request.ts';

/** A source of replies: a script or a recording. */
export interface ReplySource {
  reply(asked: Asked): Promise<Reply>;
  /** The error that an agent's gateway gets in its preflight; undefined for the list of models. */
  modelsError?(agent: string): ErrorReply | undefined;
}

export interface Asked {
  readonly agent: string;
  /** Whether a sub-agent of the agent asks, and not the agent itself. */
  readonly subagent: boolean;
  readonly request: MessagesRequest;
}

export type Reply = ModelReply | ErrorReply;

export interface ModelReply {
  readonly kind: 'model';
  /** Unique in a conversation, because the CLI merges messages with the same id. */
  readonly id: string;
  readonly content: readonly ReplyBlock[];
  readonly usage: ReportedUsage;
  readonly delayMs: number;
  /** @default `tool_use` for a reply with tool calls, otherwise `end_turn` */
  readonly stopReason?: StopReason;
  /** How long only pings stream, in milliseconds. */
  readonly thinkMs?: number;
  readonly pace?: { readonly characters: number; readonly everyMs: number };
  /** Number of stream events after which the connection is cut. */
  readonly cutAfter?: number;
  /** Number of the turn, from 1; absent for replies that are not in the script. */
  readonly turn?: number;
}

/** The usage that a reply reports. */
export interface ReportedUsage extends TokenCounts {
  readonly webSearches?: number;
  /** Billed in addition to the reply's tokens. */
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

/**
 * The reply to a request that the script or the recording has no reply for. Claude Code does not retry it, and the
 * gateway learns that the team is not at fault.
 */
export function mistakeReply(message: string): ErrorReply {
  const headers = { 'x-should-retry': 'false', [REHEARSAL_MISTAKE]: 'true' };
  return { kind: 'error', status: 400, type: errorType(400), message, headers };
}

/** The error types of the API by status: docs.anthropic.com/en/api/errors. */
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
