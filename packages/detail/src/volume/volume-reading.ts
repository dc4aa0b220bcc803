import type { AgentState, TeamLive } from '@agentteam/contract';
import type { AgentSpan } from '../agent-detail.ts';
import type { TeamDetail } from '../detail.ts';
import type { Correspondence } from '../mail/message.ts';

/**
 * What the files of a team's volume say, as plain JSON. The rest of a `TeamDetail` is in the team's Workflow and
 * its status, which change more often than somebody far away can read the volume.
 */
export interface VolumeReading
  extends Pick<TeamDetail, 'tasks' | 'costs' | 'results' | 'diffs'>,
    Partial<Pick<TeamDetail, 'questions'>> {
  /** In the order of the members. */
  readonly agents: readonly AgentReading[];
  /** Absent where the mail does not come from the volume. */
  readonly mail?: Correspondence;
  /** The figures of gateways' ledgers; absent where the caller has others. */
  readonly live?: TeamLive;
}

export interface AgentReading {
  readonly name: string;
  readonly state?: AgentState;
  /** Turns, tool calls and waits for the provider. At most {@link MOST_SPANS}. */
  readonly spans: readonly AgentSpan[];
  readonly hasTranscript: boolean;
}
