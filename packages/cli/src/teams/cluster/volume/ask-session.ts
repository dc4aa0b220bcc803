import { parseJson, type ResultsReply, type ResultsRequest } from '@agentteam/contract';
import { ConnectionLostError, type ExecSession } from '../../../cluster/connection/exec-session.ts';
import { Failure } from '../../../failure.ts';

const MOST_REPLY_BYTES = 134_217_728; // 128 Mi
const MOST_LINE_BYTES = 65_536;
/** Members of all arrays and objects of an answer. */
const MOST_VALUES = 1_000_000;

/**
 * Sends a request to `agentteam-runner results` and reads its answer.
 * @param mostBytes of the answer.
 * @throws Failure if the program refuses the request.
 * @throws ConnectionLostError also when the signal aborts.
 */
export async function askSession(
  session: ExecSession,
  request: ResultsRequest,
  signal: AbortSignal,
  mostBytes: number = MOST_REPLY_BYTES,
): Promise<Buffer> {
  const abort = (): void => session.close();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    session.write(JSON.stringify(request));
    const reply = parseReply(await session.line(MOST_LINE_BYTES), mostBytes);
    if ('error' in reply) throw new Failure(reply.error);
    return await session.bytes(reply.length);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function parseReply(line: string, mostBytes: number): ResultsReply {
  try {
    const reply = JSON.parse(line) as { readonly length?: unknown; readonly error?: unknown };
    if (typeof reply.error === 'string') return { error: reply.error };
    const { length } = reply;
    const isLength = Number.isSafeInteger(length) && (length as number) >= 0;
    if (isLength && (length as number) <= mostBytes) return { length: length as number };
  } catch {}
  throw new ConnectionLostError('the reply is not one of agentteam-runner');
}

/**
 * Parses the content of an answer. Who may change a team's Workflow can name a pod with any program in it.
 * @throws Failure for text that is not JSON, or would take too much memory.
 */
export function parseAnswer(content: Buffer): unknown {
  const value = parseJson(content.toString('utf8'), MOST_VALUES);
  if (value === undefined) throw new Failure('the pod has answered with something else');
  return value;
}
