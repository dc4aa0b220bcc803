import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A random token of 256 bits, which gives access to one gateway. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether a request carries the token, as `x-api-key` or Bearer token. Takes constant time. */
export function carriesToken(headers: IncomingHttpHeaders, token: string): boolean {
  const key = headers['x-api-key'];
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const offered = [typeof key === 'string' ? key : '', bearer ?? ''];
  // Compare both in any case. Digests have the same length for any text.
  return offered.filter((text) => timingSafeEqual(digest(text), digest(token))).length > 0;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
