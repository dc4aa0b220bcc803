import { keyFor, type ProvenFor } from './proven-for.ts';
import { seal, unseal } from './seal.ts';

/** Thrown when an answer does not come from the gateway that was asked, or does not answer this question. */
export class FiguresError extends Error {
  override readonly name = 'FiguresError';
}

/**
 * Seals figures for the response to a question. They are encrypted, so that nobody who replays a question or
 * intercepts the response can read reports. They are authenticated together with the question's nonce, so
 * that an old answer does not fit a new question.
 * @param key the key of the namespace's figures.
 * @param nonce the question's nonce: see `isAskedBy`.
 */
export function sealAnswer(
  key: string,
  of: ProvenFor,
  agent: string,
  nonce: string,
  figures: string,
): Buffer {
  return seal(keyFor(key, 'answer', of, agent), nonce, figures);
}

/**
 * Opens a sealed answer.
 * @throws FiguresError when the answer was not sealed with this key for this question.
 */
export function openAnswer(
  key: string,
  of: ProvenFor,
  agent: string,
  nonce: string,
  answer: Buffer,
): string {
  try {
    return unseal(keyFor(key, 'answer', of, agent), nonce, answer);
  } catch (cause) {
    throw new FiguresError('the answer was not made by the gateway that was asked', { cause });
  }
}
