import type { Question, TaskCounts, TokenCounts } from '@agentteam/contract';
import type { AgentDetail } from './agent-detail.ts';
import type { Message } from './mail/message.ts';
import type {
  CheckDetail,
  DeliveryDetail,
  DiffDetail,
  ResultsDetail,
} from './results/results-detail.ts';
import type { GateDetail, StepDetail } from './step-detail.ts';

/**
 * Everything that is known about a team, as plain JSON: the read model of the page, the report and
 * `get --detail`. Times are ISO 8601 in UTC, money is US dollars as decimal text. Texts come from agents,
 * people and the cluster and are not cleaned: whoever shows them does that.
 */
export interface TeamDetail {
  readonly summary: SummaryDetail;
  /** All steps of the compiled Workflow, in its order, those that have not begun included. */
  readonly steps: readonly StepDetail[];
  /** The lead first. */
  readonly agents: readonly AgentDetail[];
  readonly tasks: readonly TaskDetail[];
  /** The team's mail, in the order in which it was sent. */
  readonly messages: readonly Message[];
  readonly gates: readonly GateDetail[];
  /** Questions of agents to people, oldest first. */
  readonly questions: readonly QuestionDetail[];
  /** What the team had spent, over time. Empty where the ledger cannot be read. */
  readonly costs: readonly CostPoint[];
  readonly results: ResultsDetail;
  readonly diffs: readonly DiffDetail[];
  readonly checks: readonly CheckDetail[];
  readonly delivery?: DeliveryDetail;
  /** The newest last. */
  readonly events: readonly EventDetail[];
  /** Sentences about what was not read, and what broke and was repaired. */
  readonly notices: readonly NoticeDetail[];
  /** Absent where the files of the team's volume were just read. */
  readonly files?: FilesDetail;
}

export interface SummaryDetail {
  /** The name in commands. */
  readonly name: string;
  readonly namespace: string;
  /** The phase in the status: `Running`, `Completed`, … */
  readonly phase: string;
  readonly message?: string;
  /** The lead's report: what the team achieved. */
  readonly outcome?: string;
  /** Steps that have ended, of those that may run. */
  readonly progress: { readonly done: number; readonly total: number };
  readonly usd: string;
  /** The team's budget. Absent: none. */
  readonly limit?: string;
  readonly tokens: TokenCounts;
  readonly tasks: TaskCounts;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly rehearsal: boolean;
  /** Whether the team has not ended and no process is running it. */
  readonly interrupted: boolean;
  /** Whether the agents may not ask the API until a person resumes the team. */
  readonly paused: boolean;
}

export interface TaskDetail {
  readonly id: string;
  readonly subject: string;
  readonly description: string;
  readonly owner?: string;
  readonly status: 'pending' | 'in_progress' | 'completed';
  readonly blockedBy: readonly string[];
}

/** A question of an agent, with the answer of a person. */
export type QuestionDetail = Question;

/** What an agent had spent since the team began, at one time. */
export interface CostPoint {
  readonly at: string;
  readonly agent: string;
  /** Of this agent. */
  readonly usd: string;
  /** The same amount by the class of the tokens. `other`: searches, and what tokens do not explain. */
  readonly usdByClass: Readonly<
    Record<'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'other', string>
  >;
  /** Of this agent. */
  readonly tokens: TokenCounts;
}

/** Points in a {@link TeamDetail}. */
export const MOST_COST_POINTS: number = 1000;

export interface EventDetail {
  readonly at: string;
  readonly kind:
    | 'team'
    | 'step-started'
    | 'step-ended'
    | 'step-retried'
    | 'container-restarted'
    | 'gate-opened'
    | 'gate-decided'
    | 'question-asked'
    | 'question-answered';
  /** One sentence. */
  readonly text: string;
  readonly step?: string;
  readonly agent?: string;
}

/** Events in a {@link TeamDetail}. */
export const MOST_EVENTS: number = 1000;

export interface NoticeDetail {
  readonly kind?: 'repair';
  readonly agent?: string;
  readonly message: string;
}

/**
 * What is known of the files of a team's volume on a cluster, while nobody reads them again and again: timelines,
 * transcripts, tasks, mail, costs over time, results and changes come from them.
 */
export interface FilesDetail {
  /** When the files that are shown were read. Absent: none are shown. */
  readonly readAt?: string;
  /** Whether they were read after the team had ended, so that they are complete. */
  readonly complete: boolean;
  /** Why they are not read now, or not completely: sentences. */
  readonly reason?: string;
  /** What happens if a person asks for them: sentences. Absent where that is not possible. */
  readonly offer?: string;
  /** What is being done to read them: a sentence. */
  readonly progress?: string;
}
