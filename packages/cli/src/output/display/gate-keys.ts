import type { Decision } from '@agentteam/contract';
import type { Context } from '../../context.ts';
import { CTRL_Z, rawMode } from '../terminal/raw-mode.ts';

const APPROVE = 'a';
const REJECT = 'r';
const CONFIRM = 'y';
const CTRL_C = '\u0003';

export interface GateKeys {
  /** The event of the topmost gate; undefined when no gate is open. */
  readonly top: () => string | undefined;
  readonly answer: (event: string, decision: Decision) => void;
  /** Asks the user to confirm the rejection of a gate; undefined withdraws the question. */
  readonly confirmReject: (event: string | undefined) => void;
  readonly interrupt: () => void;
  /** Called before Ctrl-Z suspends the process. */
  readonly leave: () => void;
}

/**
 * Lets keys answer the topmost gate: `a` approves it; `r` asks for confirmation and `y` then rejects it.
 * Does nothing when the input is not a terminal.
 * @returns a function that restores the terminal.
 */
export function listenForAnswers(
  { in: input }: Pick<Context, 'in'>,
  { top, answer, confirmReject, interrupt, leave }: GateKeys,
): () => void {
  if (!input.isTTY) return () => {};
  let rejecting: string | undefined;
  const onKey = (key: string): void => {
    // In raw mode the terminal sends the key instead of a signal.
    if (key === CTRL_C) {
      interrupt();
      return;
    }
    if (key === CTRL_Z) {
      raw.suspend();
      return;
    }
    const event = top();
    if (rejecting !== undefined) {
      // The topmost gate may have changed since the question. The confirmation does not apply to it.
      if (key === CONFIRM && rejecting === event) answer(event, 'reject');
      rejecting = undefined;
      confirmReject(undefined);
    } else if (event !== undefined && key === APPROVE) {
      answer(event, 'approve');
    } else if (event !== undefined && key === REJECT) {
      rejecting = event;
      confirmReject(event);
    }
  };
  const onData = (chunk: Buffer | string): void => {
    for (const key of chunk.toString()) onKey(key);
  };
  input.on('data', onData);
  const raw = rawMode(input, { onLeave: leave, onContinue: () => {} });
  return () => {
    input.off('data', onData);
    raw.end();
  };
}
