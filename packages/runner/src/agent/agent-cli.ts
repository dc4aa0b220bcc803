import type { AgentSpec, GatewayAddress } from '@agentteam/contract';
import type { Delivery, Mail } from '@agentteam/volume';
import type { CommandVariables } from '../environment/variables.ts';
import type { BackgroundTask } from '../prompts/questions.ts';
import type { Vocabulary } from '../prompts/vocabulary.ts';
import type { AgentDirectories } from './directories.ts';

/**
 * A command-line program that plays an agent, such as Claude Code. Everything that depends on the
 * program is behind this interface: its files, flags, output, tool names and the form of mail. Another
 * program needs another implementation and no change elsewhere. The team's roster, inboxes and tasks have
 * Claude Code's formats for every program (`packages/volume`); a program that does not know them gets its
 * team tools from its implementation. The command `hook` is part of Claude Code's implementation: Claude
 * Code runs it, and another program does not.
 */
export interface AgentCli {
  readonly vocabulary: Vocabulary;
  /** Formats mail as the program's model reads it. */
  formatMail(mail: readonly Mail[]): string;
  /**
   * Starts the agent's process. It continues the session of an earlier process if there was one.
   * @throws the reason of `options.signal` when it aborts before the process has started.
   */
  start(options: StartOptions): Promise<AgentProcess>;
}

export interface StartOptions {
  readonly spec: AgentSpec;
  readonly directories: AgentDirectories;
  readonly sessionId: string;
  /** The agent's working directory. */
  readonly cwd: string;
  readonly systemPrompt: string;
  readonly gateway: GatewayAddress;
  /** The runner's environment. The agent's process must not inherit it. */
  readonly runnerEnv: NodeJS.ProcessEnv;
  /** Variables for the agent's process. */
  readonly agentEnv: Readonly<Record<string, string>>;
  /** Variables of the image and of the team. The program must not let them change how it starts. */
  readonly variables: CommandVariables;
  /** Whether an agent that starts in plan mode has had its plan accepted. */
  readonly isPlanAccepted: boolean;
  /** Everything that the session was sent before. */
  readonly deliveries: readonly Delivery[];
  /** The program offers these tools to its model. */
  readonly tools: readonly AgentTool[];
  readonly onEvent: (event: AgentEvent) => void;
  readonly signal: AbortSignal;
}

/** A tool of the runner, such as the one with which an agent reports how it ended. */
export interface AgentTool {
  readonly name: string;
  /** Name, description and input schema, in the format of MCP. */
  readonly definition: object;
  /**
   * The call may take days, if the tool waits for a person.
   * @param input as the model wrote it.
   * @param signal aborts when nobody waits for the answer any more, because the turn was interrupted.
   */
  call(input: unknown, signal: AbortSignal): Promise<ToolAnswer>;
}

/** The answer that the model gets. */
export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
}

/** The running program of one agent. */
export interface AgentProcess {
  /** Whether the process continues the session of an earlier one. */
  readonly isResumed: boolean;
  /** The uuids of the deliveries that the session had read when the process started. */
  readonly readBefore: ReadonlySet<string>;
  /**
   * Resolves with the exit code after all output was handled; 128 + n if signal n ended the process, and
   * 127 if it could not be started. A process that exits with 0 by itself has approved a shutdown.
   */
  readonly exited: Promise<number>;
  /**
   * Sends a message. An idle agent reads it in a new turn, a busy one after its next tool result. The
   * event `delivered` tells that it was read.
   */
  send(message: Pick<Delivery, 'uuid' | 'text'>): void;
  /** Interrupts the agent's turn. The event `turn-ended` tells that it has ended; without a turn, nothing happens. */
  interrupt(): void;
  /** Ends plan mode: from now on the agent may change files. */
  acceptPlan(): void;
  /** Lets the process exit after its current turn: no more messages follow. */
  finish(): void;
  /** Stops the process, gracefully at first, and waits until it has exited. */
  stop(): Promise<void>;
  /** Kills the process and everything in its process group immediately. */
  kill(): void;
}

/** What an agent does, as its program reports it. */
export type AgentEvent =
  /** The model said something or called tools; also a step that has neither, such as thinking. */
  | { readonly type: 'output'; readonly parts: readonly OutputPart[] }
  | {
      readonly type: 'tool-result';
      readonly callId: string;
      readonly isSuccess: boolean;
      /** Lines of its text. */
      readonly lines?: number;
    }
  /** The agent has read a message. */
  | { readonly type: 'delivered'; readonly uuid: string }
  /** The program repeats a request that the API rejected. */
  | { readonly type: 'api-retry'; readonly message: string }
  /** All background tasks that are running now. */
  | { readonly type: 'background'; readonly tasks: readonly BackgroundTask[] }
  | { readonly type: 'turn-ended'; readonly result: TurnResult };

export type OutputPart =
  | { readonly type: 'text'; readonly text: string }
  | ({ readonly type: 'tool-call' } & ToolCall);

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  /** What the call is for: the agent's own work, the team's task list and reports, or a message. */
  readonly purpose: 'work' | 'coordination' | 'mail';
  /**
   * What the tool works on, as people outside the pod may see it: a file, the program of a command, a host, a
   * receiver. Never a whole command, a query or text.
   */
  readonly subject?: string;
  /** The receiver of a message that people or models read; absent for the protocol's own messages. */
  readonly mailTo?: string;
}

export interface TurnResult {
  /** The last text of the turn, or the error that ended it. */
  readonly text: string;
  readonly isError: boolean;
  /** The program's code for how the turn ended. */
  readonly reason: string;
  /** Why the text cannot serve as a report, as the end of a sentence: `was empty`. Absent if it can. */
  readonly defect?: string;
}

/** What ended a turn with an error. A turn that was aborted, for example by a signal, has no text. */
export function errorText({ text }: TurnResult): string {
  return text.trim() === '' ? 'the turn was cut off' : text;
}
