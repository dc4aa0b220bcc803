import type {
  GateDetail,
  SummaryDetail,
  TeamDetail,
  TranscriptOptions,
  TranscriptPage,
} from '@agentteam/detail';

/** A team in the list. */
export interface TeamRow
  extends Pick<
    SummaryDetail,
    | 'name'
    | 'namespace'
    | 'phase'
    | 'message'
    | 'progress'
    | 'usd'
    | 'limit'
    | 'createdAt'
    | 'endedAt'
    | 'rehearsal'
    | 'interrupted'
  > {
  /** Ids of the questions that wait for an answer. */
  readonly openQuestions: readonly string[];
  /** Selects the team in addresses: its name, with its namespace where there are several. */
  readonly key: string;
  /** Events of the gates that wait for a person now. */
  readonly openGates: readonly GateDetail['event'][];
}

export interface TeamRows {
  /** Where the teams are, for a person: a directory, or a namespace. */
  readonly place: string;
  /** The newest first. */
  readonly teams: readonly TeamRow[];
  /** A command that starts a team there. */
  readonly startCommand: string;
  /** Sentences about teams that cannot be read. */
  readonly notices: readonly string[];
}

/**
 * What the page shows and does. The command line implements it with the caller's own rights. A `name` is the key of a
 * team.
 */
export interface TeamSource {
  /** @param namespace only the teams of this namespace; a source with one namespace ignores it. */
  list(namespace?: string): Promise<TeamRows>;
  /** @throws Error for a team that does not exist, with a message for the user. */
  detail(name: string, signal: AbortSignal): Promise<TeamDetail>;
  transcript(
    name: string,
    agent: string,
    options: TranscriptOptions,
    signal: AbortSignal,
  ): Promise<TranscriptPage>;
  /**
   * Begins to read the team's files as the caller, by a pod of their own. What it has read becomes part of the
   * detail, and so does a failure.
   */
  readFiles(name: string): Promise<void>;
  /**
   * Answers a gate as the caller.
   * @returns a remark for the user when the answer does not take effect yet.
   * @throws Error when the gate cannot be answered, with a message for the user.
   */
  decide(
    name: string,
    event: string,
    decision: 'approve' | 'reject',
    reason: string,
  ): Promise<string | undefined>;
  /**
   * Answers a question of an agent as the caller.
   * @returns a remark for the user when the agent does not get the answer yet.
   * @throws Error when the question cannot be answered, with a message for the user.
   */
  answer(name: string, id: string, text: string, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Sends a message to agents as the caller.
   * @param agents their names; none for all agents that have not ended.
   * @returns a remark for the user.
   * @throws Error when the message cannot be sent, with a message for the user.
   */
  tell(
    name: string,
    agents: readonly string[],
    text: string,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /**
   * Interrupts the turn of an agent as the caller. The agent then waits for the next message of a person.
   * @throws Error when the agent is not running, with a message for the user.
   */
  interrupt(name: string, agent: string, signal: AbortSignal): Promise<void>;
  /** Pauses a team as the caller. @returns a remark for the user. @throws Error as {@link decide} does. */
  pause(name: string): Promise<string | undefined>;
  /** Ends the pause of a team as the caller. @throws Error as {@link decide} does. */
  resume(name: string): Promise<string | undefined>;
  /** Stops a team for good as the caller. @throws Error as {@link decide} does. */
  stop(name: string): Promise<string | undefined>;
}
