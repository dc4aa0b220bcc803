import { readPaths } from '@agentteam/contract';
import { withoutMailElements } from '@agentteam/volume';
import type { MessagesRequest } from '../api/request.ts';

/** An agent's conversation so far, as its request contains it. */
export interface Conversation {
  /** The agent's messages, in order. */
  readonly agentMessages: readonly AgentMessage[];
  /** The agent's tool calls, in order. */
  readonly calls: readonly Call[];
  /** Results by the id of their call. */
  readonly results: ReadonlyMap<string, Result>;
  /** Text of the newest tool result. */
  readonly lastResult: string | undefined;
  /** Text of all user messages: prompts, mail, reminders. Tool results are not included. */
  readonly userText: string;
  /** Places on this machine by container path; `cwd` is a key, too. */
  readonly paths: ReadonlyMap<string, string>;
  /** Number of messages of all roles. */
  readonly length: number;
}

export interface AgentMessage {
  readonly text: string;
  readonly calls: readonly Call[];
}

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

export interface Result {
  readonly text: string;
  readonly isError: boolean;
  /** Whether the CLI was stopped before it had the result. The call may have taken effect. */
  readonly interrupted: boolean;
  /** Whether somebody interrupted the turn: a person, or the runner that stops the CLI. */
  readonly stopped: boolean;
  /** Whether it failed because the disk was full. */
  readonly diskWasFull: boolean;
}

/**
 * Beginnings of the texts that claude 2.1.330 uses in place of a missing result: after it resumes the
 * session of a killed process, and after an interrupt.
 */
const KILLED = '[Tool call interrupted:';
const STOPPED = "The user doesn't want to proceed with this tool use.";

/** How the results of claude's own tools begin that could not write a file. */
const DISK_FULL = /^(?:Error: )?ENOSPC: /;

export function readConversation({ messages, system }: MessagesRequest): Conversation {
  const agentMessages: AgentMessage[] = [];
  const results = new Map<string, Result>();
  const userText: string[] = [];
  let first = system;
  let lastResult: string | undefined;
  for (const { role, content } of messages) {
    const texts = content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
    if (role === 'assistant') {
      const calls = content.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
      agentMessages.push({ text: texts.join('\n'), calls });
      continue;
    }
    userText.push(...texts);
    if (agentMessages.length === 0) first += `\n\n${texts.join('\n\n')}`;
    for (const block of content) {
      if (block.type !== 'tool_result') continue;
      const { toolUseId, text, isError } = block;
      const stopped = isError && text.startsWith(STOPPED);
      const interrupted = stopped || (isError && text.startsWith(KILLED));
      const diskWasFull = isError && DISK_FULL.test(text);
      results.set(toolUseId, { text, isError, interrupted, stopped, diskWasFull });
      lastResult = text;
    }
  }
  return {
    agentMessages,
    calls: agentMessages.flatMap(({ calls }) => calls),
    results,
    lastResult,
    userText: userText.join('\n\n'),
    // The first prompt ends with the element; a mail must not replace it.
    paths: readPaths(withoutMailElements(first)),
    length: messages.length,
  };
}
