import type { AgentTeam, AgentTeamStatus } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import type { Decision, TeamLive, TeamPause } from '@agentteam/contract';
import type {
  Correspondence,
  DetailSource,
  TeamDetail,
  TranscriptOptions,
  TranscriptPage,
} from '@agentteam/detail';
import type { Context } from '../context.ts';
import type { CostFigures } from '../output/cost/agent-cost.ts';
import type { CopyOptions } from '../outputs/copy-file.ts';
import type { ResultFiles } from '../outputs/result-files.ts';
import type { ViewLimits } from './cluster/files/view-limits.ts';
import type { GateAnswer } from './gates.ts';

/** A team that is running or has ended, on this machine or on a cluster. */
export interface HostedTeam {
  /** Name in commands: the run's name on this machine, the team's name on a cluster. */
  readonly name: string;
  /** Arguments that select the team in a command: its name, and the options that say where it is. */
  readonly reference: string;
  readonly team: AgentTeam;
  readonly workflow: Workflow;
  readonly live: TeamLive | undefined;
  readonly status: AgentTeamStatus;
  /** Budget of the whole team: US dollars as decimal text; absent without a limit. */
  readonly limit?: string;
  readonly rehearsal: boolean;
  /** Whether the team has not ended and no process is running it. */
  readonly interrupted: boolean;
  /** The id of the process that runs the team, if it is suspended (Ctrl-Z). */
  readonly suspended?: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Where the results and the state of the team are. */
  readonly locations: readonly Location[];
}

export interface Location {
  readonly title: string;
  /** A path, a URL, the name of a Kubernetes object, or a command. */
  readonly value: string;
}

/** Work that exists only in a run. */
export interface OnlyCopy {
  /** A sentence without a full stop. */
  readonly description: string;
  /** How to keep it: a command, or a sentence. */
  readonly keep: string;
}

export interface LogOptions {
  /** Names of steps; empty for all steps. */
  readonly steps: readonly string[];
  /** `setup`, `gateway`, `main` or a sidecar; absent for all of them except sidecars. */
  readonly container?: string;
  /** Container to leave out; absent for none. */
  readonly except?: string;
  /** Whether to order the lines of all containers by time. Otherwise they are printed step by step. */
  readonly byTime?: boolean;
  /** Whether to wait for more lines until the team has ended. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export interface LogLine {
  readonly step: string;
  readonly container: string;
  /**
   * When the container wrote the line, ISO 8601, where the line does not say it. On this machine it is when the
   * container's pod started, and only for lines before the first one that has a time.
   */
  readonly at?: string;
  readonly text: string;
}

export interface DecisionOptions {
  readonly decision: Decision;
  /** Name of the person who decides; absent for the caller. */
  readonly by?: string;
  readonly reason: string;
}

export interface TellOptions {
  /** Names of the agents that get the message; empty for all that have not ended. */
  readonly agents: readonly string[];
  readonly text: string;
  /** Name of the person who writes; absent for the caller. */
  readonly by?: string;
}

export interface TellResult {
  /** Names of the agents that get the message. */
  readonly agents: readonly string[];
  /** The name that the agents see. */
  readonly by: string;
  /** Remarks for the user about agents that do not get the message yet. */
  readonly notes: readonly string[];
}

export interface AnswerOptions {
  /**
   * The answer or the number of a choice. Before it, the id of the question or the name of the agent that
   * asks, unless only one question waits.
   */
  readonly words: readonly string[];
  /** Name of the person who answers; absent for the caller. */
  readonly by?: string;
  readonly via: 'agentteam' | 'page';
}

export interface AnswerResult {
  /** Id of the question. */
  readonly id: string;
  readonly agent: string;
  /** The answer that the agent gets. */
  readonly text: string;
  readonly by: string;
  /** A remark for the user when the agent does not get the answer yet. */
  readonly note?: string;
}

/** A team that is paused. */
export interface Pausing {
  readonly pause: TeamPause;
  /** Whether this call has paused it. */
  readonly isNew: boolean;
  /** Remarks for the user, as sentences. */
  readonly notes: readonly string[];
}

export interface RetryOptions {
  /** Path of the corrected team file; absent to keep the spec. */
  readonly file?: string;
  /** New budget of the team: US dollars as decimal text, what is already spent included. */
  readonly budget?: string;
  /** How to answer gates, where this process executes the run. */
  readonly gates?: GateAnswer;
  /** Whether to print events as JSON, where this process executes the run. */
  readonly json: boolean;
}

/** How the files of a team are reached, where that takes a pod on a cluster. */
export interface VolumeAccess {
  /** Image of the pod; absent for the image of the team's last step. */
  readonly image?: string;
  /** Milliseconds in which the pod must start. */
  readonly startWithinMs: number;
  readonly signal: AbortSignal;
  /** Tells the user what the command waits for. */
  readonly onNote: (text: string) => void;
}

/** What a team produced. */
export interface Outputs {
  /** What the user types to name the team in a command, with the options that it needs. */
  readonly reference: string;
  readonly hasEnded: boolean;
  /** Absent for a team without an output. */
  readonly files?: ResultFiles;
  /** Of a coding team: finds its result. Undefined before the team has ended, and without a result. */
  readonly result?: () => Promise<ResultBranch | undefined>;
  /** Releases what was opened for reading, such as a pod. */
  close(): Promise<void>;
}

/** The branch of a coding team's result. */
export interface ResultBranch {
  readonly branch: string;
  /** A command that gets the branch: `git fetch`, or one that writes the bundle. */
  readonly command: string;
  /** Writes a git bundle with the branch into a directory. @returns its path. */
  bundle(directory: string, options: CopyOptions): Promise<string>;
}

/** A team that somebody looks at again and again. */
export interface TeamView {
  /** Opens what `readDetail` reads. */
  detail(signal: AbortSignal): Promise<DetailSource>;
  /** Reads a page of an agent's conversation. Empty where the caller cannot read it. */
  transcript(
    agent: string,
    options: TranscriptOptions,
    signal: AbortSignal,
  ): Promise<TranscriptPage>;
  /** Begins to read the team's files by a pod of their own, where that is offered. */
  readFiles(): Promise<void>;
  close(): void;
}

/** Operations on teams. Commands use this interface wherever the teams run. */
export interface TeamHost {
  /**
   * Lists teams, newest first.
   * @param everywhere whether to list the teams of all namespaces.
   * @param onUnreadable called for each team that cannot be read; the others are listed.
   */
  list(
    everywhere?: boolean,
    onUnreadable?: (name: string, error: Error) => void,
  ): Promise<readonly HostedTeam[]>;
  /** @throws Failure for an unknown name, listing the known names. */
  get(name: string): Promise<HostedTeam>;
  /**
   * Yields the team now, whenever it may have changed, and once more after it has ended.
   * @param withFigures whether to read the figures of a running team again and again where they are not a part of
   * its state. On a cluster this needs further rights.
   */
  follow(name: string, signal: AbortSignal, withFigures?: boolean): AsyncIterable<HostedTeam>;
  logs(name: string, options: LogOptions): AsyncIterable<LogLine>;
  messages(name: string, signal: AbortSignal): Promise<Correspondence>;
  /** Finds what a team produced. */
  outputs(name: string, access: VolumeAccess): Promise<Outputs>;
  /**
   * Sends a person's message to agents of a team.
   * @throws Failure when the team or one of the agents has ended, or the message cannot be sent.
   */
  tell(name: string, options: TellOptions, signal: AbortSignal): Promise<TellResult>;
  /**
   * Answers a question of an agent.
   * @throws Failure when no such question waits, or somebody answered first.
   */
  answer(name: string, options: AnswerOptions, signal: AbortSignal): Promise<AnswerResult>;
  /**
   * Interrupts an agent's turn. The agent then waits for the next message of a person, for ten minutes at most.
   * @throws Failure when the agent is not running.
   */
  interrupt(name: string, agent: string, signal: AbortSignal): Promise<void>;
  cost(name: string): Promise<CostFigures>;
  /**
   * Reads everything that is known about a team once.
   * @param fromVolume whether to read the files of its volume where that takes a pod on a cluster.
   */
  detail(name: string, access: VolumeAccess, fromVolume: boolean): Promise<TeamDetail>;
  /**
   * Opens a team for somebody who looks at it again and again.
   * @param limits bound what is read of a cluster for one person.
   */
  view(name: string, limits: ViewLimits): TeamView;
  /**
   * Answers a gate.
   * @returns a remark for the user when the answer does not take effect yet.
   * @throws Failure when the gate does not exist or was answered before.
   */
  decide(name: string, event: string, options: DecisionOptions): Promise<string | undefined>;
  /**
   * Pauses a team: its agents stop at their next request, and no further step begins.
   * @param by name of the person; absent for the caller.
   * @throws Failure when the team is not running.
   */
  pause(name: string, by?: string): Promise<Pausing>;
  /** Ends the pause of a running team. @returns the pause. @throws Failure when the team is not paused. */
  resume(name: string): Promise<TeamPause>;
  /** Stops a team for good. @throws Failure when the team is not running. */
  stop(name: string): Promise<void>;
  /**
   * Repeats the failed steps of a team that has ended.
   * @returns the exit code when this process executed the run to its end; undefined when the team
   * continues in its cluster.
   * @throws Failure when the team has not ended or there is nothing to repeat.
   */
  retry(context: Context, name: string, options: RetryOptions): Promise<number | undefined>;
  /**
   * Finds work that would be lost if the team were deleted.
   * @returns undefined when nothing would be lost, or when the team cannot be read.
   */
  onlyCopy(name: string): Promise<OnlyCopy | undefined>;
  /**
   * Deletes a team.
   * @param wait whether to wait until it is gone.
   * @returns whether it is gone.
   * @throws Failure while the team is running, where running teams cannot be deleted.
   */
  delete(name: string, wait: boolean, signal: AbortSignal): Promise<{ readonly gone: boolean }>;
  /** A command that starts a team there. */
  readonly startCommand: string;
  /** Message for an empty list. */
  readonly emptyMessage: string;
}
