import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { keyFor, type ProvenFor } from './proven-for.ts';

/** An answer that does not come from the gateway that was asked, or not to this question. */
export class FiguresError extends Error {
  override readonly name = 'FiguresError';
}

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Figures as a gateway sends them: encrypted, so that whoever repeats somebody's question, or listens on
 * the way, reads no reports; and authenticated together with the question's nonce, so that an old answer
 * is good for no new question.
 */
export function sealAnswer(
  key: string,
  of: ProvenFor,
  agent: string,
  nonce: string,
  figures: string,
): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyFor(key, 'answer', of, agent), iv);
  cipher.setAAD(Buffer.from(nonce));
  const sealed = Buffer.concat([cipher.update(figures, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, sealed, cipher.getAuthTag()]);
}

/** @throws FiguresError when the answer was not sealed with this key, for this question. */
export function openAnswer(
  key: string,
  of: ProvenFor,
  agent: string,
  nonce: string,
  answer: Buffer,
): string {
  if (answer.length < IV_BYTES + TAG_BYTES) throw new FiguresError('the answer is too short');
  const iv = answer.subarray(0, IV_BYTES);
  const decipher = createDecipheriv(CIPHER, keyFor(key, 'answer', of, agent), iv, {
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
