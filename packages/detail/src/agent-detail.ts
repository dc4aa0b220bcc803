import type {
  AgentActivity,
  ReportOutcome,
  Role,
  TaskCounts,
  TokenCounts,
} from '@agentteam/contract';
import type { StepState } from './step-detail.ts';

/**
 * A part of an agent's time. `attempt`: a pod. `turn`: a request with everything until the agent stops. `wait`:
 * the agent waits for the provider or for a restart.
 */
export interface AgentSpan {
  readonly kind: 'attempt' | 'turn' | 'tool' | 'wait';
  readonly name: string;
  readonly from: string;
  /** Absent while it goes on. */
  readonly to?: string;
}

export interface AgentDetail {
  readonly name: string;
  /** Name of the agent's step. */
  readonly step: string;
  readonly role: Role;
  /** The model that the team asks for. */
  readonly model: string;
  readonly state: StepState;
  /** Absent for an agent that is not running. */
  readonly activity?: AgentActivity;
  readonly turns: number;
  readonly restarts: number;
  readonly usd: string;
  readonly tokens: TokenCounts;
  /** The agent's own budget. Absent: none. */
  readonly limit?: string;
  readonly tasks: TaskCounts;
  readonly messagesSent: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly outcome?: ReportOutcome;
  readonly report?: string;
  /** Why the agent failed, or what a person should know about how it ended. */
  readonly message?: string;
  /** For the timeline, in the order of their begin. At most {@link MOST_SPANS}; the longest are kept. */
  readonly spans: readonly AgentSpan[];
  /** Whether there is a transcript to read. */
  readonly transcript: boolean;
}

/** Spans of one agent in a {@link TeamDetail}. */
export const MOST_SPANS: number = 400;
