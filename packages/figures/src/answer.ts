import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { keyFor, type ProvenFor } from './proven-for.ts';

/** Thrown when an answer does not come from the gateway that was asked, or does not answer this question. */
export class FiguresError extends Error {
  override readonly name = 'FiguresError';
}

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

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

/** Encrypts a text, and authenticates it together with a nonce. */
export function seal(key: Buffer, nonce: string, text: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv);
  cipher.setAAD(Buffer.from(nonce));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, sealed, cipher.getAuthTag()]);
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
  return openSealed(keyFor(key, 'answer', of, agent), nonce, answer);
}

/** The inverse of {@link seal}. @throws FiguresError when the text was not sealed with this key and nonce. */
export function openSealed(key: Buffer, nonce: string, answer: Buffer): string {
  if (answer.length < IV_BYTES + TAG_BYTES) throw new FiguresError('the answer is too short');
  const iv = answer.subarray(0, IV_BYTES);
  const decipher = createDecipheriv(CIPHER, key, iv, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(nonce));
  decipher.setAuthTag(answer.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(answer.subarray(IV_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new FiguresError('the answer was not made by the gateway that was asked', { cause });
  }
}
