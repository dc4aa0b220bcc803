import type { ExitCode } from './exit-codes.ts';
import type { ProviderWait } from './provider-wait.ts';
import type { AgentReport, ReportOutcome } from './report.ts';

/** What the programs of a team tell each other through files on the shared volume. */

/** `gateway.json`: how an agent reaches its own gateway. */
export interface GatewayAddress {
  /**
   * `http://127.0.0.1:<port>`; the Messages API is at `/v1`, an MCP server at `/mcp/<name>`. For an agent
   * with a network of its own, `unix:<file>` beside this file.
   */
  readonly url: string;
  /** Opens this gateway and nothing else. A gateway that is started again in its pod keeps it. */
  readonly token: string;
  /** Random, another one at each start: tells a gateway that came back from the one that ended. */
  readonly instance: string;
  /** `http://…` of `/status`, `/metrics`, `/healthz`. */
  readonly statusUrl: string;
}

/** `gateway-failure.json`: the gateway runs and cannot serve; its agent's runner leaves with this. */
export interface GatewayFailure {
  readonly message: string;
  readonly exitCode: ExitCode;
  /** `http://…` of `/healthz`, which alone it serves. */
  readonly statusUrl: string;
}

/**
 * `stop.json`, written once, by a gateway: in `PATHS.control` the team must stop, in `PATHS.gateway`
 * this agent alone (its own limit is spent). A runner that sees either leaves with `EXIT.budget`. A
 * gateway that starts under a higher limit removes it before it writes `gateway.json`.
 */
export interface StopMarker {
  readonly reason: 'budget';
  /** Which agent's gateway saw it. */
  readonly agent: string;
  readonly message: string;
  readonly at: string;
  /** The limit that was reached: dollars as decimal text. */
  readonly limit?: string;
}

/**
 * `refusal.json` in `PATHS.gateway`, written by a gateway: what the provider refused and waiting cannot
 * cure. It is removed when a request succeeds.
 */
export interface ProviderRefusal {
  readonly message: string;
  readonly exitCode: ExitCode;
  /** Every further request would be refused, too: the step ends at once. Otherwise it ends only where
   * the agent's turn ends on this answer. */
  readonly final: boolean;
}

export const AGENT_PHASES = ['running', 'completed', 'failed', 'stopped', 'absent'] as const;
export type AgentPhase = (typeof AGENT_PHASES)[number];

/** `state/<agent>/state.json`, written by its own runner (or by roll-call for one that never came). */
export interface AgentState {
  readonly name: string;
  readonly phase: AgentPhase;
  /** Attempt of the step, from 0; shown as restarts. */
  readonly attempt: number;
  readonly sessionId: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** What the lead and the agents that depend on it read: the summary it reported, or its last text. */
  readonly report?: string;
  /**
   * Why it failed or never came, in words; while it runs, why the attempt before failed. For an agent
   * that completed, what a person should know about how it ended.
   */
  readonly message?: string;
  /** Its latest call of the report tool. */
  readonly reported?: AgentReport;
  readonly turns: number;
  /** The digest in its spec when it completed last. */
  readonly work?: string;
  /** What its runner has left out of the mail that it was sent, in sentences. */
  readonly leftOut?: readonly string[];
  /** What broke beside it and was repaired while it went on, in sentences. */
  readonly repairs?: readonly string[];
}

/**
 * What a person who looks at the team should know, in a sentence: something in its files was not read,
 * because there was more of it than any honest team has or it was not a plain file; or something broke
 * and was repaired.
 */
export interface Notice {
  /** What it is about; on the team's volume: `tasks/demo`, `state/dev-1/state.json`. */
  readonly place: string;
  /** It says that something broke and was repaired; absent: something was not read. */
  readonly kind?: 'repair';
  /** The only agent that can write there; absent where every agent can. */
  readonly agent?: string;
  readonly message: string;
}

export interface TokenCounts {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
}

export interface TaskCounts {
  readonly total: number;
  readonly completed: number;
  readonly inProgress: number;
  readonly pending: number;
}

export interface AgentLive {
  readonly name: string;
  readonly role: 'lead' | 'teammate';
  readonly phase: AgentPhase | 'waiting';
  readonly restarts: number;
  readonly turns: number;
  readonly usd: string;
  readonly tokens: TokenCounts;
  readonly tasks: TaskCounts;
  readonly messagesSent: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly report?: string;
  readonly message?: string;
  /** How the agent said that it ended; absent while it has not said so. */
  readonly outcome?: ReportOutcome;
  /** The provider turns it away, and its requests are held until they can be sent. */
  readonly waiting?: ProviderWait;
}

/** A team's live figures: `/status` of a gateway, and the `totals` output of the last step. */
export interface TeamLive {
  readonly team: string;
  readonly at: string;
  readonly usd: string;
  readonly limit?: string;
  /** Replies of which part of `usd` is an upper bound, not what the API reported. Absent: none. */
  readonly estimatedReplies?: number;
  readonly tokens: TokenCounts;
  readonly tasks: TaskCounts;
  /** Tasks that are not completed and that no agent of the team owns: `#3 Write the docs`. Absent: none. */
  readonly unownedTasks?: readonly string[];
  readonly agents: readonly AgentLive[];
  readonly stop?: StopMarker;
  /** What of the team's files was not read; absent: nothing. */
  readonly notices?: readonly Notice[];
}
