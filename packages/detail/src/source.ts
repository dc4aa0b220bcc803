import type { TeamLive } from '@agentteam/contract';
import type { AgentDetail, AgentSpan } from './agent-detail.ts';
import type { EventDetail, FilesDetail, SummaryDetail } from './detail.ts';
import type { Correspondence } from './mail/message.ts';
import type { CheckDetail, DeliveryDetail, DiffDetail } from './results/results-detail.ts';
import type { GateDetail, StepDetail } from './step-detail.ts';
import type { VolumeReading } from './volume/volume-reading.ts';

/** An agent, as the team's spec and its Workflow describe it. */
export interface MemberSource
  extends Pick<AgentDetail, 'name' | 'step' | 'role' | 'model' | 'limit'> {
  /** The attempts of its step. */
  readonly attempts: readonly Omit<AgentSpan, 'kind' | 'name'>[];
}

/** What a team's detail is read from. The fields differ between a laptop, a cluster and the last step. */
export interface DetailSource {
  readonly head: Pick<
    SummaryDetail,
    | 'name'
    | 'namespace'
    | 'phase'
    | 'message'
    | 'limit'
    | 'createdAt'
    | 'startedAt'
    | 'endedAt'
    | 'rehearsal'
    | 'interrupted'
  >;
  /** Whether the team's status says that it is paused. Absent: the figures say it. */
  readonly paused?: boolean;
  /** Name of the Workflow, and of the team in the files of the volume. */
  readonly workflow: string;
  readonly steps: readonly StepDetail[];
  /** The lead first. */
  readonly members: readonly MemberSource[];
  readonly gates: readonly GateDetail[];
  readonly checks: readonly CheckDetail[];
  readonly delivery?: DeliveryDetail;
  /** Figures that the caller trusts. */
  readonly live: TeamLive | undefined;
  /** Cost in the team's status, for a caller who cannot read figures: US dollars as decimal text. */
  readonly statusCost?: {
    readonly team: string;
    /** By the agent's name. */
    readonly agents: Readonly<Record<string, string | undefined>>;
  };
  /** Directory of the shared volume. Absent where the caller cannot read it. */
  readonly volume?: string;
  /** What another program has read of the volume, in place of its directory. */
  readonly reading?: VolumeReading;
  readonly files?: FilesDetail;
  /** Directory of a Cowork team's results, and its name for a person. */
  readonly output?: { readonly place: string; readonly directory?: string };
  /** Absent: the events are derived from the steps and gates. */
  readonly events?: readonly EventDetail[];
  /** The mail, where it does not come from the volume. */
  readonly correspondence?: Correspondence;
  /** Compares the work of a team that has ended with what it started from. Called once for each end. */
  readonly diffs?: () => Promise<readonly DiffDetail[]>;
}
