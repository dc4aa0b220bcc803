import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { FIGURES } from '@agentteam/contract';
import { keyFor, type ProvenFor } from './proven-for.ts';

/** A request for a gateway's figures. */
export interface Question {
  readonly nonce: string;
  readonly headers: Readonly<Record<string, string>>;
}

const NONCE = /^[A-Za-z0-9_-]{43}$/;

/**
 * Headers that ask an agent's gateway for its figures. They hold no secret: another process may have
 * taken the port, and what it hears is of use to nobody.
 * @param agent whose gateway, by its name in the roster.
 */
export function askFor(key: string, of: ProvenFor, agent: string): Question {
  const nonce = randomBytes(32).toString('base64url');
  const proof = proofOfNonce(key, of, agent, nonce).toString('hex');
  return { nonce, headers: { [FIGURES.nonceHeader]: nonce, [FIGURES.proofHeader]: proof } };
}

/** The nonce of a request by somebody who has the key, or nothing. */
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
