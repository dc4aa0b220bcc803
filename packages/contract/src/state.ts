import type { ExitCode } from './ends/exit-codes.ts';
import type { AgentReport, ReportOutcome } from './ends/report.ts';
import type { AgentActivity } from './figures/activity.ts';
import type { ProviderWait } from './figures/provider-wait.ts';
import type { Question } from './people/questions.ts';
import type { TeamPause } from './people/team-pause.ts';

/** Contents of the files through which the programs of a team communicate. */

/** `gateway.json`: how an agent reaches its gateway. */
export interface GatewayAddress {
  /**
   * `http://127.0.0.1:<port>`, with the Messages API at `/v1` and MCP servers at `/mcp/<name>`. For an agent
   * with a network namespace of its own: `unix:<file>`, a socket beside this file.
   */
  readonly url: string;
  /** Valid for this gateway only. A gateway that restarts in its pod keeps its token. */
  readonly token: string;
  /** Path before `/<name>/` of the agent's services. Absent: it has none. */
  readonly services?: string;
  /** A random id of this start: it tells a restarted gateway from the one before. */
  readonly instance: string;
  /** `http://…` of `/status`, `/metrics`, `/healthz`. */
  readonly statusUrl: string;
}

/** `gateway-failure.json`: why the gateway cannot serve. The agent's runner exits with this message and code. */
export interface GatewayFailure {
  readonly message: string;
  readonly exitCode: ExitCode;
  /** `http://…` of `/healthz`, the only path that it serves. */
  readonly statusUrl: string;
}

/**
 * `stop.json`, written once by a gateway when a budget is spent: in `PATHS.control` for the whole team, in
 * `PATHS.gateway` for one agent whose own budget is spent. A runner that sees either exits with
 * `EXIT.budget`. A gateway that starts with a higher limit removes the file before it writes `gateway.json`.
 */
export interface StopMarker {
  readonly reason: 'budget';
  /** The agent whose gateway wrote the marker. */
  readonly agent: string;
  readonly message: string;
  readonly at: string;
  /** The limit that was reached: US dollars as decimal text. */
  readonly limit?: string;
}

/**
 * `refusal.json` in `PATHS.gateway`, written by a gateway: why the provider refused a request, where waiting
 * does not help. The gateway removes it when a request succeeds.
 */
export interface ProviderRefusal {
  readonly message: string;
  readonly exitCode: ExitCode;
  /**
   * Whether the provider would refuse every further request too: the step then ends immediately. Otherwise it
   * ends only if this answer ends the agent's turn.
   */
  readonly final: boolean;
}

export const AGENT_PHASES = ['running', 'completed', 'failed', 'stopped', 'absent'] as const;
export type AgentPhase = (typeof AGENT_PHASES)[number];

/** `state/<agent>/state.json`, written by the agent's runner, or by roll-call for an agent that never started. */
export interface AgentState {
  readonly name: string;
  readonly phase: AgentPhase;
  /** Number of the step's attempt, from 0: the number of restarts. */
  readonly attempt: number;
  readonly sessionId: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** What the lead and dependent agents read: the summary that the agent reported, or its last text. */
  readonly report?: string;
  /**
   * Why the agent failed or never started; while it runs, why its previous attempt failed. For an agent that
   * completed, what a person should know about how it ended.
   */
  readonly message?: string;
  /** The agent's latest call of the report tool. */
  readonly reported?: AgentReport;
  readonly turns: number;
  /** The value of {@link AgentSpec.work} when the agent last completed. */
  readonly work?: string;
  /** Sentences that say which parts of the agent's mail its runner left out. */
  readonly leftOut?: readonly string[];
  /** Sentences that say what broke and was repaired while the agent was running. */
  readonly repairs?: readonly string[];
}

/**
 * Something that a person who watches the team should know. Either a file of the team was not read, because
 * it was not a regular file or there was more of it than any real team has; or something broke and was
 * repaired.
 */
export interface Notice {
  /** Path on the team's volume: `tasks/demo`, `state/dev-1/state.json`. */
  readonly place: string;
  /** `repair`: something broke and was repaired. Absent: something was not read. */
  readonly kind?: 'repair';
  /** The only agent that can write to this path. Absent where all agents can. */
  readonly agent?: string;
  /** One sentence. */
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
  /** The outcome that the agent reported. Absent until it reports. */
  readonly outcome?: ReportOutcome;
  /** Present while the provider rejects the agent's requests and the gateway holds them. */
  readonly waiting?: ProviderWait;
  /** What the agent is doing now. Absent while it is not running. */
  readonly activity?: AgentActivity;
}

export interface CredentialCost {
  readonly name: string;
  /** US dollars as decimal text. */
  readonly usd: string;
}

/** A team's figures: `/status` of a gateway, and the output `totals` of the last step. */
export interface TeamLive {
  readonly team: string;
  readonly at: string;
  readonly usd: string;
  readonly limit?: string;
  /** Number of replies that `usd` counts with an upper bound, because the API reported no usage. Absent: none. */
  readonly estimatedReplies?: number;
  readonly tokens: TokenCounts;
  readonly tasks: TaskCounts;
  /** Open tasks that no agent owns: `#3 Write the docs`. Absent: none. */
  readonly unownedTasks?: readonly string[];
  readonly agents: readonly AgentLive[];
  /** What each of several credentials has paid. Absent: the team has one credential. */
  readonly credentials?: readonly CredentialCost[];
  readonly stop?: StopMarker;
  /** The questions of agents to people. Absent: none. */
  readonly questions?: readonly Question[];
  /** Present while a person has paused the team. */
  readonly paused?: TeamPause;
  /** Absent: none. */
  readonly notices?: readonly Notice[];
}
