import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A random token of 256 bits, which gives access to one gateway. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

/** @returns whether a request carries the token, as `x-api-key` or Bearer token. Takes constant time. */
export function tokenCheck(token: string): (headers: IncomingHttpHeaders) => boolean {
  const wanted = Buffer.from(token);
  return (headers) => carries(headers, wanted);
}

function carries(headers: IncomingHttpHeaders, wanted: Buffer): boolean {
  const key = headers['x-api-key'];
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const offered = [key, bearer].filter((text) => typeof text === 'string');
  // Compare all in any case. All tokens have the same length, so it is no secret.
  return offered.map((text) => Buffer.from(text)).filter((text) => isSame(text, wanted)).length > 0;
}

function isSame(text: Buffer, wanted: Buffer): boolean {
  return text.length === wanted.length && timingSafeEqual(text, wanted);
}
