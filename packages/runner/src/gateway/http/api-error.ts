import type { ServerResponse } from 'node:http';

/** An error of the gateway itself, in the format of the Messages API. */
export interface ApiError {
  readonly status: number;
  readonly type:
    | 'authentication_error'
    | 'permission_error'
    | 'invalid_request_error'
    | 'request_too_large'
    | 'api_error';
  /** Shown to people as the agent's last output. */
  readonly message: string;
  /** Whether the CLI should repeat the request itself. */
  readonly retry: boolean;
}

/**
 * Answers in place of the API. The connection stays open, and Node discards the rest of the request:
 * closing it would reset the connection, and the agent might never get the answer.
 */
export function sendApiError(response: ServerResponse, error: ApiError): void {
  const body = JSON.stringify({
    type: 'error',
    error: { type: error.type, message: error.message },
  });
  response.writeHead(error.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-should-retry': String(error.retry),
  });
  response.end(body);
}
