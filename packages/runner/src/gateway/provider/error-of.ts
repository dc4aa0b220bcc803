import type { IncomingHttpHeaders } from 'node:http';
import { plainText } from '@agentteam/contract';
import { joined } from '../http/headers.ts';
import { parseRecord, record } from '../usage/reply-meter.ts';

const MAX_MESSAGE = 300;

/** The gateway's name for the error of a reply with a status of success and an empty body. */
export const EMPTY_REPLY_TYPE = 'empty_reply';

/** A complete error response of the provider. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * The name and the message of an error, in the format of Anthropic (`{error: {type, message}}`), Google
 * (`{error: {status, message}}`, in a list for streams), Azure (`{error: {code, message}}`) or AWS (`{message}`,
 * with the name in a header). Both are empty for a proxy's error page.
 */
export function errorOf({ headers, body }: Pick<ErrorReply, 'headers' | 'body'>): {
  readonly type: string;
  readonly message: string;
} {
  const parsed = parseRecord(body.toString('utf8')) ?? {};
  const document = Array.isArray(parsed) ? record(parsed[0]) : parsed;
  const error = record(document['error']);
  const aws = joined(headers['x-amzn-errortype']) ?? document['__type'];
  const name = error['type'] ?? error['status'] ?? error['code'];
  return {
    // AWS writes `Name:http://…` in the header, and `prefix#Name` in the body.
    type: aws === undefined ? text(name) : text(aws).replace(/^.*#/, '').replace(/:.*$/, ''),
    message: text(error['message'] ?? document['message'] ?? document['Message']),
  };
}

function text(value: unknown): string {
  if (typeof value !== 'string') return '';
  return plainText(value, MAX_MESSAGE).replace(/\s+/g, ' ').trim();
}
