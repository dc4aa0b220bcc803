import { createHmac, timingSafeEqual } from 'node:crypto';
import { keyFor, type ProvenFor } from './proven-for.ts';

/** Proves that the last step of a run wrote these totals. Anyone who may patch the Workflow could write others. */
export function proofOf(key: string, of: ProvenFor, totals: string): string {
  return digest(key, of, totals).toString('hex');
}

export function isProofOf(key: string, of: ProvenFor, totals: string, proof: string): boolean {
  const given = Buffer.from(proof, 'hex');
  const expected = digest(key, of, totals);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function digest(key: string, of: ProvenFor, totals: string): Buffer {
  return createHmac('sha256', keyFor(key, 'totals', of))
    .update(totals)
    .digest();
}
