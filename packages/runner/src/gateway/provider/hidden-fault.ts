import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { decodeAwsMessage } from '../usage/aws-message.ts';
import { parseRecord, record } from '../usage/reply-meter.ts';
import { EMPTY_REPLY_TYPE, type ErrorReply } from './error-of.ts';

/** A reply that is still undecided after as many bytes is passed on. */
const MAX_UNDECIDED_BYTES = 64 * 1024;

/** The status of each kind of error: https://docs.claude.com/en/api/errors */
const STATUS_OF: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  timeout_error: 504,
  overloaded_error: 529,
};

/** The status of each error of a Bedrock stream, by its name in lower case. */
const STATUS_OF_AWS: Readonly<Record<string, number>> = {
  validationexception: 400,
  modeltimeoutexception: 408,
  modelstreamerrorexception: 424,
  throttlingexception: 429,
  internalserverexception: 500,
  serviceunavailableexception: 503,
};

/** A fault in a reply with a status of success, with the status that it should have had. */
export type HiddenFault = ErrorReply;

/**
 * Reads the start of a reply with a status of success, until it is clear whether it is one. Proxies answer 200 with
 * nothing, with a web page or with an error. The API itself does the last when it fails after it has begun a stream.
 * @returns the whole body, and the fault. The fault of something that is not the API keeps its status.
 */
export async function findFault(
  status: number,
  headers: IncomingHttpHeaders,
  body: Readable,
): Promise<{ readonly body: Readable; readonly fault: HiddenFault | undefined }> {
  const type = headers['content-type'] ?? '';
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    const start = Buffer.concat(chunks);
    const finding = examine(type, start, false);
    if (finding === 'undecided' && length < MAX_UNDECIDED_BYTES) continue;
    body.unshift(start);
    return { body, fault: faultOf(finding, { status, headers, body: start }) };
  }
  const all = Buffer.concat(chunks);
  const fault = faultOf(examine(type, all, true), { status, headers, body: all });
  return { body: Readable.from(length === 0 ? [] : [all]), fault };
}

/** Whether a reply is a web page, such as the login of a network: the API has none. */
export function isPage({ headers, body }: Pick<ErrorReply, 'headers' | 'body'>): boolean {
  return (
    /^text\/html\b/i.test(headers['content-type'] ?? '') || /^\s*</.test(body.toString('latin1'))
  );
}

type Document = Readonly<Record<string, unknown>>;
type Finding =
  | 'undecided'
  | 'reply'
  | 'empty'
  | 'foreign'
  | { readonly error: Document }
  | { readonly awsError: string; readonly document: Document };

function faultOf(finding: Finding, start: ErrorReply): HiddenFault | undefined {
  if (finding === 'undecided' || finding === 'reply') return undefined;
  if (finding === 'foreign') return start;
  if (finding === 'empty') {
    const error = { type: EMPTY_REPLY_TYPE, message: `${start.status} with an empty body` };
    return errorReply(502, start, { error });
  }
  if ('awsError' in finding) {
    const headers = { ...start.headers, 'x-amzn-errortype': finding.awsError };
    const status = STATUS_OF_AWS[finding.awsError.toLowerCase()] ?? 500;
    return errorReply(status, { ...start, headers }, finding.document);
  }
  return errorReply(statusOf(record(finding.error['error'])), start, finding.error);
}

function errorReply(status: number, { headers }: ErrorReply, document: Document): ErrorReply {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(document)),
  };
}

/** An error without a known name counts as one of the API's own, which waiting may cure. */
function statusOf({ type, code }: Document): number {
  if (typeof type === 'string' && Object.hasOwn(STATUS_OF, type)) return STATUS_OF[type] ?? 500;
  const number = Number(code);
  return Number.isInteger(number) && number >= 400 && number < 600 ? number : 500;
}

/** @param start the first bytes. @param isAll whether they are the whole body. */
function examine(contentType: string, start: Buffer, isAll: boolean): Finding {
  if (/\bapplication\/vnd\.amazon\./i.test(contentType)) return examineAwsStream(start, isAll);
  const text = start.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') return isAll ? 'empty' : 'undecided';
  if (isPage({ headers: { 'content-type': contentType }, body: start })) return 'foreign';
  // Some proxies leave out the type of a stream.
  const isStream = contentType.includes('text/event-stream') || /^(?:event|data|id)?:/.test(text);
  if (isStream) return examineStream(text, isAll);
  if (!isAll) return /^\s*\{/.test(text) ? 'undecided' : 'foreign';
  const document = parseRecord(text) ?? {};
  if (document['error'] !== undefined) return { error: document };
  return document['type'] === 'message' || Array.isArray(document['content']) ? 'reply' : 'foreign';
}

/** Examines the first message, which begins with its length. */
function examineAwsStream(start: Buffer, isAll: boolean): Finding {
  if (start.length === 0) return isAll ? 'empty' : 'undecided';
  const length = start.length < 4 ? Number.POSITIVE_INFINITY : start.readUInt32BE(0);
  if (start.length < length) return isAll ? 'reply' : 'undecided';
  const message = decodeAwsMessage(start.subarray(0, length));
  if (message.kind !== 'error') return 'reply';
  return { awsError: message.name, document: parseRecord(message.body.toString('utf8')) ?? {} };
}

/** Examines the first event. Comments keep a connection alive while an answer is not known. */
function examineStream(text: string, isAll: boolean): Finding {
  const events = text.replace(/\r\n?/g, '\n').split('\n\n');
  for (const event of isAll ? events : events.slice(0, -1)) {
    const lines = event.split('\n').filter((line) => line.startsWith('data:'));
    if (lines.length === 0) continue;
    const document = parseRecord(lines.map((line) => line.slice('data:'.length)).join('\n')) ?? {};
    return document['error'] === undefined ? 'reply' : { error: document };
  }
  return isAll ? 'empty' : 'undecided';
}
