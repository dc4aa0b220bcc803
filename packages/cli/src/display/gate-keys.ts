import type { Decision } from '@agentteam/contract';
import type { Context } from '../context.ts';

const KEYS: Readonly<Record<string, Decision>> = { a: 'approve', r: 'reject' };
const CTRL_C = '\u0003';

/**
 * Lets keys of this terminal answer gates: `a` approves and `r` rejects the gate on top.
 * @returns a function that gives the terminal back; nothing is taken where it is none.
 */
export function listenForAnswers(
  { in: input }: Context,
  answer: (decision: Decision) => void,
  interrupt: () => void,
): () => void {
  if (!input.isTTY) return () => {};
  const onData = (chunk: Buffer | string): void => {
    for (const key of chunk.toString()) {
      const decision = KEYS[key];
      if (decision !== undefined) answer(decision);
      // A raw terminal sends the key and no signal.
      if (key === CTRL_C) interrupt();
    }
  };
  input.setRawMode(true);
  input.on('data', onData);
  input.resume();
  return () => {
    input.off('data', onData);
    input.setRawMode(false);
    input.pause();
  };
}
