import type { ServerResponse } from 'node:http';
import type { ProviderRefusal } from '@agentteam/contract';
import { sendApiError } from '../http/api-error.ts';
import { connectionCode } from '../http/forward.ts';
import { responseHeaders } from '../http/headers.ts';
import type { ErrorReply } from './error-of.ts';

/** Passes the API's error on to Claude Code, which handles some of them itself. */
export function forwardError(
  { status, headers, body }: ErrorReply,
  response: ServerResponse,
  more: Readonly<Record<string, string>>,
): void {
  const { 'content-length': _length, 'content-encoding': _encoding, ...kept } = headers;
  response.writeHead(status, {
    ...responseHeaders(kept, false),
    'content-length': body.length,
    ...more,
  });
  response.end(body);
}

export function sendNoAnswer(response: ServerResponse, error: unknown): void {
  const code = connectionCode(error);
  const message = `The gateway got no answer from the API${code === undefined ? '' : ` (${code})`}.`;
  sendApiError(response, { status: 502, type: 'api_error', message, retry: true });
}

/** Ends the agent's run. Its runner finds the same message in `refusal.json`. */
export function sendFinalRefusal(
  { message }: Pick<ProviderRefusal, 'message'>,
  response: ServerResponse,
): void {
  // 402 is the only status that ends the CLI's run at once.
  sendApiError(response, { status: 402, type: 'permission_error', message, retry: false });
}
