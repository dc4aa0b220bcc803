import type { AgentTeam, AgentTeamStatus } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import type { Decision, TeamLive } from '@agentteam/contract';
import type { CostFigures } from '../output/cost/agent-cost.ts';
import type { Correspondence } from './mail/message.ts';

/** A team that runs or ran, wherever it does: on this machine or in a cluster. */
export interface HostedTeam {
  /** What verbs call it by: the run's name here, the team's in a cluster. */
  readonly name: string;
  /** What one types behind a verb to reach it: its name, and where it is if not here. */
  readonly reference: string;
  readonly team: AgentTeam;
  readonly workflow: Workflow;
  readonly live: TeamLive | undefined;
  readonly status: AgentTeamStatus;
  /** What the whole team may spend: US dollars as decimal text; absent: no limit. */
  readonly limit?: string;
  readonly rehearsal: boolean;
  /** It has not ended, and nothing goes on with it. */
  readonly interrupted: boolean;
  readonly createdAt: string;
  /** Where its results and state lie, for a person to go to. */
  readonly places: readonly Place[];
}

export interface Place {
  readonly title: string;
  readonly location: string;
}

/** Work that lies in a run alone. */
export interface OnlyCopy {
  readonly words: string;
  /** A command, or in words. */
  readonly keep: string;
}

export interface LogOptions {
  /** Names of steps; empty: all. */
  readonly steps: readonly string[];
  /** `setup`, `gateway` or `main`; absent: all of them. */
  readonly container?: string;
  /** Go on until the team has ended. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export interface LogLine {
  readonly step: string;
  readonly container: string;
  readonly text: string;
}

export interface DecisionOptions {
  readonly decision: Decision;
  /** Absent: whoever asks. */
  readonly by?: string;
  readonly reason: string;
}

/** What one can do with teams. A verb of the CLI knows nothing else of where they run. */
export interface TeamHost {
  /**
   * The newest first.
   * @param everywhere in all namespaces, where there are several.
   * @param onUnreadable told of each that cannot be shown, and why: the others are.
   */
  list(
    everywhere?: boolean,
    onUnreadable?: (name: string, error: Error) => void,
  ): Promise<readonly HostedTeam[]>;
  /** @throws Failure for a name that is not known, with those that are. */
  get(name: string): Promise<HostedTeam>;
  /** The team as it is, again whenever it may have changed, and last as it ended. */
  follow(name: string, signal: AbortSignal): AsyncIterable<HostedTeam>;
  logs(name: string, options: LogOptions): AsyncIterable<LogLine>;
  messages(name: string, signal: AbortSignal): Promise<Correspondence>;
  cost(name: string): Promise<CostFigures>;
  /**
   * @returns what became of the answer where votes are counted, for the user to read.
   * @throws Failure when no such gate is open.
   */
  decide(name: string, event: string, options: DecisionOptions): Promise<string | undefined>;
  stop(name: string): Promise<void>;
  /**
   * What would be lost with a team because it lies nowhere else, in a sentence, and how to keep it.
   * @returns undefined where nothing would be, as far as can be read.
   */
  onlyCopy(name: string): Promise<OnlyCopy | undefined>;
  /**
   * @param wait until it is gone, where that takes a while.
   * @returns whether it is gone already.
   * @throws Failure while it runs, where running teams cannot be deleted.
   */
  delete(name: string, wait: boolean, signal: AbortSignal): Promise<{ readonly gone: boolean }>;
  /** What to say where there are none. */
  readonly none: string;
}
