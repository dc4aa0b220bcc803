import type { Decision } from '@agentteam/contract';
import type { Context } from '../../context.ts';

const APPROVE = 'a';
const REJECT = 'r';
const CONFIRM = 'y';
const CTRL_C = '\u0003';

export interface GateKeys {
  /** The event of the gate on top; undefined where none is open. */
  readonly top: () => string | undefined;
  readonly answer: (event: string, decision: Decision) => void;
  /** Asks whether this gate is to be rejected; undefined: it is asked no more. */
  readonly confirmReject: (event: string | undefined) => void;
  readonly interrupt: () => void;
}

/**
 * Lets keys of this terminal answer gates: `a` approves the gate on top; `r` asks, and `y` rejects it.
 * @returns a function that gives the terminal back; nothing is taken where it is none.
 */
export function listenForAnswers(
  { in: input }: Pick<Context, 'in'>,
  { top, answer, confirmReject, interrupt }: GateKeys,
): () => void {
  if (!input.isTTY) return () => {};
  let asked: string | undefined;
  const take = (key: string): void => {
    // A raw terminal sends the key and no signal.
    if (key === CTRL_C) {
      interrupt();
      return;
    }
    const event = top();
    if (asked !== undefined) {
      // What was asked about one gate is no answer to the next.
      if (key === CONFIRM && asked === event) answer(event, 'reject');
      asked = undefined;
      confirmReject(undefined);
    } else if (event !== undefined && key === APPROVE) {
      answer(event, 'approve');
    } else if (event !== undefined && key === REJECT) {
      asked = event;
      confirmReject(event);
    }
  };
  const onData = (chunk: Buffer | string): void => {
    for (const key of chunk.toString()) take(key);
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
