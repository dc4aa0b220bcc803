import type {
  AgentActivity,
  Question,
  ReportOutcome,
  Role,
  TaskCounts,
  TokenCounts,
} from '@agentteam/contract';
import type { Message } from './message.ts';

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

export const STEP_KINDS = ['agent', 'gate', 'roll-call', 'checks', 'deliver', 'finish'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/**
 * `waiting`: has not begun. `asking`: a gate that waits for a person. `skipped`: a gate was rejected, or a
 * step before it failed, or it was not needed.
 */
export const STEP_STATES = ['waiting', 'running', 'asking', 'done', 'failed', 'skipped'] as const;
export type StepState = (typeof STEP_STATES)[number];

export interface StepDetail {
  /** Name in the Workflow: `Lead`, `researcher`, `Approve-deliver`. */
  readonly name: string;
  /** Name for people: `lead`, `approval of deliver`. */
  readonly title: string;
  readonly kind: StepKind;
  /** Name of the agent that runs in the step. */
  readonly agent?: string;
  /** Names of the steps that it waits for. */
  readonly dependsOn: readonly string[];
  /** Length of the longest path from a step without dependencies: 0 for the first steps. */
  readonly level: number;
  readonly state: StepState;
  /** The number of attempts that have a pod. */
  readonly attempts: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly message?: string;
}

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

export interface TaskDetail {
  readonly id: string;
  readonly subject: string;
  readonly description: string;
  readonly owner?: string;
  readonly status: 'pending' | 'in_progress' | 'completed';
  readonly blockedBy: readonly string[];
}

export interface GateDecision {
  readonly by?: string;
  readonly decision: 'approve' | 'reject';
  readonly reason?: string;
  readonly at?: string;
  /** `agentteam`, `argo`, `timeout` or `auto-approve`. */
  readonly via?: string;
}

export interface GateDetail {
  /** `spawn-<teammate>` or `deliver`. */
  readonly event: string;
  /** Name of the step that starts when the gate opens. */
  readonly before: string;
  readonly state: 'waiting' | 'open' | 'approved' | 'rejected' | 'skipped';
  /** Who may decide; empty: anyone who may write to the team. */
  readonly approvers: readonly string[];
  readonly requiredApprovals: number;
  readonly openedAt?: string;
  readonly decisions: readonly GateDecision[];
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

export const PREVIEW_KINDS = ['text', 'markdown', 'csv', 'image'] as const;
export type PreviewKind = (typeof PREVIEW_KINDS)[number];

export interface ResultFile {
  /** Path below the output directory, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly preview?: {
    readonly kind: PreviewKind;
    /** The text; for an image its bytes in base64. */
    readonly text: string;
    /** Of an image: `image/png`. */
    readonly mediaType?: string;
    /** Whether the file has more than the preview shows. */
    readonly cut: boolean;
  };
}

export interface ResultsDetail {
  /** Where the results are, for a person: a path, or the name of a claim. */
  readonly place?: string;
  readonly files: readonly ResultFile[];
  /** Whether there are more files than these. */
  readonly cut: boolean;
}

export interface DiffDetail {
  /** An agent's name; absent for the merged result. */
  readonly agent?: string;
  readonly branch: string;
  /** Id of the commit that the work started from. */
  readonly base: string;
  /** Id of the last commit. */
  readonly head: string;
  readonly files: readonly {
    readonly path: string;
    /** Lines; absent for a binary file. */
    readonly added?: number;
    readonly removed?: number;
  }[];
  /** The change as a patch, shortened if it is long. */
  readonly patch?: string;
}

/** A quality gate, as its last round ended. */
export interface CheckDetail {
  /** `test`, `lint` or `validation`; empty for a line that is not one of the runner's. */
  readonly name: string;
  readonly command: string;
  readonly ok: boolean;
  /** Where the command was found, and how it ended: `package.json; exit code 1`. */
  readonly detail?: string;
}

export interface DeliveryDetail {
  readonly branch?: string;
  /** Of a pull request. */
  readonly url?: string;
  /** Of a pull request: `open`, `merged`, … */
  readonly state?: string;
  readonly commit?: string;
}

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
