import type { IncomingMessage } from 'node:http';

/** Bytes of a request's body. */
const MOST_BYTES = 16_384;
/** Characters of a reason. */
const LONGEST_REASON = 2000;

export interface GateAnswer {
  readonly decision: 'approve' | 'reject';
  readonly reason: string;
}

/** Reads a body that is a JSON object. @returns a sentence if it is invalid. */
export async function readObject(
  request: IncomingMessage,
  mostBytes: number = MOST_BYTES,
): Promise<Readonly<Record<string, unknown>> | string> {
  if (request.headers['content-type'] !== 'application/json') return 'The body must be JSON.';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return 'The body is too long.';
    chunks.push(chunk);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return 'The body must be JSON.';
  }
  if (typeof body !== 'object' || body === null) return 'The body must be an object.';
  return body as Readonly<Record<string, unknown>>;
}

/** Reads the answer to a gate. @returns a sentence if it is invalid. */
export async function readDecision(request: IncomingMessage): Promise<GateAnswer | string> {
  const body = await readObject(request);
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
