/** What the programs of a team tell each other through files on the shared volume. */

/** `gateway.json`: how an agent reaches its own gateway. */
export interface GatewayAddress {
  /** `http://127.0.0.1:<port>`; the Messages API is at `/v1`, an MCP server at `/mcp/<name>`. */
  readonly url: string;
  /** Opens this gateway and nothing else. */
  readonly token: string;
  /** `http://…` of `/status`, `/metrics`, `/healthz`. */
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
  /** Its last text: what it reports to the lead and to those who depend on it. */
  readonly report?: string;
  /** Why it failed or never came, in words; while it runs, why the attempt before failed. */
  readonly message?: string;
  readonly turns: number;
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
  readonly agents: readonly AgentLive[];
  readonly stop?: StopMarker;
}
