import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { FIGURES } from '@agentteam/contract';
import { keyFor, type ProvenFor } from './proven-for.ts';

/** The headers of a request for a gateway's figures, and their nonce. */
export interface Question {
  readonly nonce: string;
  readonly headers: Readonly<Record<string, string>>;
}

const NONCE = /^[A-Za-z0-9_-]{43}$/;

/**
 * Makes a request for the figures of an agent's gateway. The headers contain no secret, because another
 * process might have taken the port: it could not use them.
 * @param agent the agent's name in the roster.
 */
export function askFor(key: string, of: ProvenFor, agent: string): Question {
  const nonce = randomBytes(32).toString('base64url');
  const proof = proofOfNonce(key, of, agent, nonce).toString('hex');
  return { nonce, headers: { [FIGURES.nonceHeader]: nonce, [FIGURES.proofHeader]: proof } };
}

/** @returns the request's nonce if its sender has the key; otherwise undefined. */
export function isAskedBy(
  key: string,
  of: ProvenFor,
  agent: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): string | undefined {
  const nonce = headers[FIGURES.nonceHeader];
  const proof = headers[FIGURES.proofHeader];
  if (typeof nonce !== 'string' || typeof proof !== 'string' || !NONCE.test(nonce))
    return undefined;
  const expected = proofOfNonce(key, of, agent, nonce);
  const given = Buffer.from(proof, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return nonce;
}

function proofOfNonce(key: string, of: ProvenFor, agent: string, nonce: string): Buffer {
  return createHmac('sha256', keyFor(key, 'question', of, agent))
    .update(nonce)
    .digest();
}
