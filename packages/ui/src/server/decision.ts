import type { IncomingMessage } from 'node:http';
import { readJson } from './read-json.ts';

/** Characters of a reason. */
const LONGEST_REASON = 2000;

export interface GateAnswer {
  readonly decision: 'approve' | 'reject';
  readonly reason: string;
}

/** Reads the answer to a gate. @returns a sentence if it is invalid. */
export async function readDecision(request: IncomingMessage): Promise<GateAnswer | string> {
  const body = await readJson(request);
  if (typeof body === 'string') return body;
  const { decision, reason = '' } = body;
  if (decision !== 'approve' && decision !== 'reject') {
    return 'The decision must be approve or reject.';
  }
  if (typeof reason !== 'string' || reason.length > LONGEST_REASON) {
    return `The reason must be a text of at most ${LONGEST_REASON} characters.`;
  }
  return { decision, reason };
}
