import type { TokenCounts } from '@agentteam/contract';

/** What a rehearsal plays: docs/rehearsal.md describes it for those who write one. */
export interface Script {
  /** Where it was read from, for messages; absent for a script made from a team. */
  readonly file?: string;
  /** By agent: teammates by name, the lead as `team-lead`. */
  readonly agents: Readonly<Record<string, AgentScript>>;
  /** By name; a server that is not here offers a tool `note`. */
  readonly mcpServers?: Readonly<Record<string, McpServerScript>>;
}

export interface AgentScript {
  /** What the API answers when it is asked for the models before the agent starts, in this order. */
  readonly preflight?: readonly Omit<ScriptedError, 'cutAfter'>[];
  /** What the agent says when it is woken before its next turn is due. */
  readonly idle?: string;
  /** One for each request, in this order. After the last it says the last text again. */
  readonly turns: readonly Turn[];
}

/** One reply of the model. With tools its turn goes on; without, it ends. */
export interface Turn {
  readonly text?: string;
  readonly tools?: readonly ToolCall[];
  /** Not played before all of this is so; until then the agent is idle. */
  readonly until?: Condition;
  /** What the API reports. Default: tokens from the length of the turn. */
  readonly usage?: ScriptedUsage;
  /** Why the reply ends. Default: `tool_use` with tools, `end_turn` without. */
  readonly stopReason?: StopReason;
  /** Milliseconds for which the model thinks out of sight, before the rest of the reply streams. */
  readonly thinkMs?: number;
  /** Milliseconds before the reply begins. */
  readonly delayMs?: number;
  /** Streams texts and inputs in pieces. Default: each in one. */
  readonly pace?: Pace;
  /** What the API answers first, in this order. */
  readonly errors?: readonly ScriptedError[];
  /** Where it stands in the file, from 1. */
  readonly line?: number;
}

export const STOP_REASONS = ['end_turn', 'tool_use', 'max_tokens', 'refusal'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

export interface ScriptedUsage extends Partial<TokenCounts> {
  /** Searches of the API's own web search tool. */
  readonly webSearches?: number;
  /** What the API bills beside the reply's own tokens: a compaction, an advisor. */
  readonly iterations?: readonly ScriptedIteration[];
}

export interface ScriptedIteration extends Partial<TokenCounts> {
  /** `compaction`, `advisor_message`, … */
  readonly type: string;
  /** Default: the model that replies. */
  readonly model?: string;
}

export interface Pace {
  readonly characters: number;
  readonly everyMs: number;
}

export interface Condition {
  /** Each of these has written to the agent (not counting notices of the protocol). */
  readonly mail?: readonly string[];
  /** The runner has told the lead that all teammates have ended. */
  readonly ended?: boolean;
}

export type ToolCall = NamedCall | McpCall;

interface AnyCall {
  readonly input?: Readonly<Record<string, unknown>>;
  /** Label: `${result.<label>}` is what the tool answered. */
  readonly as?: string;
  /** How often the call is made again when the tool reports an error. Default 0. */
  readonly retries?: number;
}

export interface NamedCall extends AnyCall {
  readonly name: string;
}

/** A call of an MCP server that is chosen from what the agent is offered. */
export interface McpCall extends AnyCall {
  readonly mcp: string;
  /** Default: its first tool. */
  readonly tool?: string;
}

/** An HTTP error instead of a reply, or a reply that breaks off. */
export interface ScriptedError {
  readonly status?: number;
  /** `overloaded_error` and the like. Default: what the API says with that status. */
  readonly type?: string;
  readonly message?: string;
  /** Seconds. */
  readonly retryAfter?: number;
  /** Seconds until a subscription's limit resets, in the headers that the API gives to one. */
  readonly resetAfter?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection is cut after so many events of the stream. */
  readonly cutAfter?: number;
  /** How many requests it befalls: 1 by default, 0 for all. */
  readonly times?: number;
}

export interface McpServerScript {
  readonly tools: readonly McpToolScript[];
}

export interface McpToolScript {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: Readonly<Record<string, unknown>>;
  /** Text of the answer; `${input.<name>}` stands for an argument. */
  readonly reply?: string;
}
