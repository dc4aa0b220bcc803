import type { Notice } from '@agentteam/contract';

/** What the live tree shows of a run at one moment. Plain data: {@link renderTree} makes text of it. */
export interface TeamView {
  readonly run: string;
  /** What one types behind a verb to reach it. */
  readonly reference: string;
  readonly rehearsal: boolean;
  readonly phase: string;
  /** Since the run began, in milliseconds. */
  readonly elapsed: number;
  /** Exact decimal text of dollars. */
  readonly usd: string;
  readonly limit?: string;
  /** The agents, lead first, and the steps after them. */
  readonly agents: readonly AgentRow[];
  readonly after: readonly StepRow[];
  /** Gates that wait for a person. */
  readonly gates: readonly GateRow[];
  /** What of the team's files was not read. */
  readonly notices: readonly Notice[];
}

export type RowState = 'waiting' | 'running' | 'asking' | 'done' | 'failed' | 'skipped';

export interface StepRow {
  readonly name: string;
  readonly state: RowState;
  readonly elapsed?: number;
  /** What it waits for, or how it went wrong. */
  readonly detail: string;
}

export interface AgentRow extends StepRow {
  readonly model: string;
  readonly usd: string;
  readonly tasks: { readonly completed: number; readonly total: number };
  readonly restarts: number;
  /** Why it was last started again, where that is known. */
  readonly restartedFor?: string;
  /** What it waits for where the provider turns it away. */
  readonly waiting?: {
    /** `usage limit, until 14:00` */
    readonly text: string;
    /** The same for as long as nothing but the time of the next try changes. */
    readonly key: string;
  };
}

export interface GateRow {
  readonly event: string;
  /** What starts once it is approved. */
  readonly before: string;
}
