import type { Notice } from '@agentteam/contract';

/** A snapshot of a team, for display. */
export interface TeamView {
  readonly run: string;
  /** The arguments that select the team in a command. */
  readonly reference: string;
  readonly rehearsal: boolean;
  readonly phase: string;
  /** Milliseconds since the start. */
  readonly elapsed: number;
  /** US dollars as exact decimal text. */
  readonly usd: string;
  /** Budget of the team in US dollars. */
  readonly limit?: string;
  /** The lead, then the teammates. */
  readonly agents: readonly AgentRow[];
  /** The steps after the agents. */
  readonly after: readonly StepRow[];
  /** Gates that wait for a person. */
  readonly gates: readonly GateRow[];
  /** Questions of agents that wait for an answer, oldest first. */
  readonly questions: readonly QuestionRow[];
  /** Questions that wait no longer. */
  readonly settled: readonly SettledQuestion[];
  /** Problems with the team's files, for example files that were not read. */
  readonly notices: readonly Notice[];
}

export type RowState = 'waiting' | 'running' | 'asking' | 'done' | 'failed' | 'skipped';

export interface StepRow {
  readonly name: string;
  readonly state: RowState;
  /** Milliseconds since the start of the step. */
  readonly elapsed?: number;
  /** What the step waits for, why it failed, or its report. */
  readonly detail: string;
}

export interface AgentRow extends StepRow {
  readonly model: string;
  readonly usd: string;
  /** The agent's own budget in US dollars. */
  readonly limit?: string;
  /** What a running agent is doing, and for how many milliseconds. */
  readonly activity?: { readonly text: string; readonly elapsed: number };
  readonly tasks: { readonly completed: number; readonly total: number };
  readonly restarts: number;
  /** Reason of the last restart, if it is known. */
  readonly restartedFor?: string;
  /** Present while the model's provider rejects the agent's requests. */
  readonly waiting?: {
    /** `usage limit, until 14:00` */
    readonly text: string;
    /** When the gateway tries again, ISO 8601. */
    readonly until: string;
    /** Identifies the wait. It does not change when only the time of the next attempt changes. */
    readonly key: string;
  };
}

export interface QuestionRow {
  readonly id: string;
  readonly agent: string;
  readonly kind: 'question' | 'blocked';
  /** In the agent's words. */
  readonly text: string;
  readonly choices: readonly string[];
}

/** How a question ended: with the answer of a person, or without one. */
export interface SettledQuestion {
  readonly id: string;
  readonly by?: string;
  /** `agentteam`, `page`, `annotation` or `rehearsal`. */
  readonly via?: string;
  readonly answer?: string;
}

export interface GateRow {
  readonly event: string;
  /** Names of the steps that start after the approval, separated by commas. */
  readonly before: string;
}
