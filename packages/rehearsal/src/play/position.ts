import type { Conversation } from '../conversation/conversation.ts';
import { patternOf } from '../script/references.ts';
import type { AgentScript } from '../script/script.ts';
import { type CallId, parseCallId } from './call-id.ts';
import { attemptsOf, openCalls } from './open-calls.ts';

/** Where an agent's script stands. */
export interface Position {
  /** Index of the turn to play; the number of turns when all have been played. */
  readonly turn: number;
  /** The calls of that turn to make now: all of them, or those that a killed process left open. */
  readonly calls: readonly CallId[];
  /** Nothing of the turn has been played. */
  readonly fresh: boolean;
}

export const IDLE = 'Waiting.';

/** Messages that the CLI writes in the agent's name. */
const SYNTHETIC = /^(No response requested\.|API Error|\[Request interrupted)/;

/**
 * Finds out from the conversation alone which turn is next, so that any process may be killed and
 * started again, this one included. Turns with tools are known by the ids of their calls, wherever
 * they stand; those of text alone by their text, in order.
 */
export function findPosition(
  agent: string,
  { turns, idle = IDLE }: AgentScript,
  conversation: Conversation,
): Position {
  let next = 0;
  for (const { text, calls } of conversation.spoken) {
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
