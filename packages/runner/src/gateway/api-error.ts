import type { ServerResponse } from 'node:http';

/** An answer of the gateway's own, in the shape of the Messages API's errors. */
export interface ApiError {
  readonly status: number;
  readonly type:
    | 'authentication_error'
    | 'permission_error'
    | 'invalid_request_error'
    | 'request_too_large'
    | 'api_error';
  /** For the person who reads the agent's last words. */
  readonly message: string;
  /** Whether the CLI should try again by itself. */
  readonly retry: boolean;
}

/**
 * Answers in place of the API. Node reads what is left of the request and throws it away: closing the
 * connection on it would reset it, and the agent might never see why.
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
