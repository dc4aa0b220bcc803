import { readPaths } from '@agentteam/contract';
import { withoutMailElements } from '@agentteam/volume';
import type { MessagesRequest } from '../api/request.ts';

/** What an agent has said, done and been told so far, as its request tells. */
export interface Conversation {
  /** Its messages, in order. */
  readonly spoken: readonly Spoken[];
  /** Its tool calls, in order. */
  readonly calls: readonly Call[];
  /** By id of the call. */
  readonly results: ReadonlyMap<string, Result>;
  /** Text of the newest tool result. */
  readonly lastResult: string | undefined;
  /** All that it was told by its user: prompts, mail, reminders. Tool results are not in it. */
  readonly told: string;
  /** By container path, and `cwd`: where these are on this machine. */
  readonly paths: ReadonlyMap<string, string>;
  /** Messages of all roles. */
  readonly length: number;
}

export interface Spoken {
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
  /** The CLI was stopped before it had the result: nobody knows whether the call took effect. */
  readonly interrupted: boolean;
}

/**
 * How claude 2.1.330 begins what it puts in the place of a result that it does not have: on resuming
 * a session whose process was killed, and when it is told to interrupt, which is how the runner stops
 * it. The latter sounds like a refused permission; those are worded otherwise where nobody is asked.
 */
const INTERRUPTED = [
  '[Tool call interrupted:',
  "The user doesn't want to proceed with this tool use.",
];

export function readConversation({ messages, system }: MessagesRequest): Conversation {
  const spoken: Spoken[] = [];
  const results = new Map<string, Result>();
  const told: string[] = [];
  let first = system;
  let lastResult: string | undefined;
  for (const { role, content } of messages) {
    const texts = content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
    if (role === 'assistant') {
      const calls = content.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
      spoken.push({ text: texts.join('\n'), calls });
      continue;
    }
    told.push(...texts);
    if (spoken.length === 0) first += `\n\n${texts.join('\n\n')}`;
    for (const block of content) {
      if (block.type !== 'tool_result') continue;
      const { toolUseId, text, isError } = block;
      const interrupted = isError && INTERRUPTED.some((words) => text.startsWith(words));
      results.set(toolUseId, { text, isError, interrupted });
      lastResult = text;
    }
  }
  return {
    spoken,
    calls: spoken.flatMap(({ calls }) => calls),
    results,
    lastResult,
    told: told.join('\n\n'),
    // The first prompt ends with the element; a mail must not replace it.
    paths: readPaths(withoutMailElements(first)),
    length: messages.length,
  };
}
