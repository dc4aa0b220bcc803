import type { TokenCounts } from '@agentteam/contract';
import type { PeopleScript } from './people.ts';

/** A rehearsal's script; docs/rehearsal.md is its reference. */
export interface Script {
  /** The file that it was read from; absent for a script that was generated from a team. */
  readonly file?: string;
  /** Teammates by their name, and the lead as `team-lead`. A file may also call it `lead`. */
  readonly agents: Readonly<Record<string, AgentScript>>;
  /** What people do. */
  readonly people?: PeopleScript;
  /** By name. Any other server offers a tool `note`. */
  readonly mcpServers?: Readonly<Record<string, McpServerScript>>;
}

export interface AgentScript {
  /** Errors with which the API answers the preflight, in this order. */
  readonly preflight?: readonly Omit<ScriptedError, 'cutAfter'>[];
  /** The agent's text when it is woken before its next turn is due. */
  readonly idle?: string;
  /** One for each request, in this order. After the last one, its text is repeated. */
  readonly turns: readonly Turn[];
}

/** A reply of the model. The agent's turn ends with a reply without tools. */
export interface Turn {
  readonly text?: string;
  readonly tools?: readonly ToolCall[];
  /** The turn is not played until this is true; until then the agent is idle. */
  readonly until?: Condition;
  /** The reported usage. @default tokens estimated from the length of the turn */
  readonly usage?: ScriptedUsage;
  /** @default `tool_use` with tools, `end_turn` without */
  readonly stopReason?: StopReason;
  /** Milliseconds in which only pings stream, before the content of the reply. */
  readonly thinkMs?: number;
  /** Milliseconds before the reply starts. */
  readonly delayMs?: number;
  /** Streams texts and inputs in pieces. @default each in one piece */
  readonly pace?: Pace;
  /** Errors that come before the reply, in this order. */
  readonly errors?: readonly ScriptedError[];
  /** Whether a person of the script interrupts the turn. An interrupted call is then not repeated. */
  readonly isInterrupted?: boolean;
  /** Line in the file, from 1. */
  readonly line?: number;
}

export const STOP_REASONS = ['end_turn', 'tool_use', 'max_tokens', 'refusal'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

export interface ScriptedUsage extends Partial<TokenCounts> {
  /** Number of searches of the API's web search tool. */
  readonly webSearches?: number;
  /** Billed in addition to the reply's tokens: compactions, advisors. */
  readonly iterations?: readonly ScriptedIteration[];
}

export interface ScriptedIteration extends Partial<TokenCounts> {
  /** `compaction`, `advisor_message`, … */
  readonly type: string;
  /** @default the model that replies */
  readonly model?: string;
}

export interface Pace {
  readonly characters: number;
  readonly everyMs: number;
}

export interface Condition {
  /** Each of these has written to the agent; messages of the protocol do not count. */
  readonly mail?: readonly string[];
  /** The runner has sent the lead the message that all teammates have ended. */
  readonly ended?: boolean;
}

export type ToolCall = NamedCall | McpCall;

interface AnyCall {
  readonly input?: Readonly<Record<string, unknown>>;
  /** Label for `${result.<label>}`, the result of the call. */
  readonly as?: string;
  /** How often the call is repeated when the tool reports an error. @default 0 */
  readonly retries?: number;
}

export interface NamedCall extends AnyCall {
  readonly name: string;
}

/** A call of one of the MCP server's tools that the agent is offered. */
export interface McpCall extends AnyCall {
  readonly mcp: string;
  /** @default the first tool of the server */
  readonly tool?: string;
}

/** An HTTP error instead of a reply, or a reply that is cut off. */
export interface ScriptedError {
  readonly status?: number;
  /** Such as `overloaded_error`. @default the API's type for the status */
  readonly type?: string;
  readonly message?: string;
  /** In seconds. */
  readonly retryAfter?: number;
  /** Seconds until a subscription's limit resets; sent in the headers for subscriptions. */
  readonly resetAfter?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Number of stream events after which the connection is cut. */
  readonly cutAfter?: number;
  /** Number of requests that get it; 0 for all. @default 1 */
  readonly times?: number;
}

export interface McpServerScript {
  readonly tools: readonly McpToolScript[];
}

export interface McpToolScript {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: Readonly<Record<string, unknown>>;
  /** Text of the answer; `${input.<name>}` is an argument of the call. */
  readonly reply?: string;
}
