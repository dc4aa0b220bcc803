import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A random token of 256 bits, which gives access to one gateway. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

/** @returns whether a request carries the token, as `x-api-key` or Bearer token. Takes constant time. */
export function tokenCheck(token: string): (headers: IncomingHttpHeaders) => boolean {
  const wanted = digest(token);
  return (headers) => carries(headers, wanted);
}

function carries(headers: IncomingHttpHeaders, wanted: Buffer): boolean {
  const key = headers['x-api-key'];
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const offered = [key, bearer].filter((text) => typeof text === 'string');
  // Compare all in any case. Digests have the same length for any text.
  return offered.filter((text) => timingSafeEqual(digest(text), wanted)).length > 0;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
