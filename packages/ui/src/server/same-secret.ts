import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares secrets in a time that does not depend on where they differ. */
export function isSameSecret(sent: string, wanted: string): boolean {
  return timingSafeEqual(digest(sent), digest(wanted));
}
