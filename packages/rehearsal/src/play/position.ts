import type { Conversation } from '../conversation/conversation.ts';
import { patternOf } from '../script/references.ts';
import type { AgentScript } from '../script/script.ts';
import { type CallId, parseCallId } from './call-id.ts';
import { attemptsOf, openCalls } from './open-calls.ts';

/** The position of an agent in its script. */
export interface Position {
  /** Index of the next turn; the number of turns when all were played. */
  readonly turn: number;
  /** The calls of this turn to make now: all of them, or those that a killed process has not finished. */
  readonly calls: readonly CallId[];
  /** Whether no part of the turn was played. */
  readonly fresh: boolean;
}

export const IDLE = 'Waiting.';

/** Messages that the CLI writes on behalf of the agent. */
const SYNTHETIC = /^(No response requested\.|API Error|\[Request interrupted)/;

/**
 * Finds the next turn from the conversation alone, so that any process can be killed and restarted,
 * including the rehearsal. It recognises turns with tools by the ids of their calls, and turns with only
 * text by their text and order.
 */
export function findPosition(
  agent: string,
  { turns, idle = IDLE }: AgentScript,
  conversation: Conversation,
): Position {
  let next = 0;
  for (const { text, calls } of conversation.agentMessages) {
    const played = Math.max(-1, ...calls.map(({ id }) => parseCallId(agent, id)?.turn ?? -1));
    if (played >= next) next = played;
    const turn = turns[next];
    if (turn === undefined) continue;
    if (turn.tools !== undefined) {
      if (played === next && openCalls(agent, next, turn, conversation).length === 0) next += 1;
      continue;
    }
    const mayBeIdle = turn.until !== undefined && turn.text !== idle && patternOf(idle).test(text);
    const isTurn = calls.length === 0 && !SYNTHETIC.test(text) && !mayBeIdle;
    if (isTurn && patternOf(turn.text ?? '').test(text)) next += 1;
  }
  const turn = turns[next];
  const calls = turn === undefined ? [] : openCalls(agent, next, turn, conversation);
  return { turn: next, calls, fresh: attemptsOf(agent, next, conversation).length === 0 };
}
