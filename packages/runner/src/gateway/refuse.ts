import type { ServerResponse } from 'node:http';
import { sendApiError } from './api-error.ts';
import type { MessagesContext } from './messages-context.ts';
import type { RefusalReason } from './metrics.ts';
import type { BadRequestError } from './request/bad-request.ts';

/** Answers a request that is not sent on, counts it, and says why. */
export async function refuse(
  context: MessagesContext,
  response: ServerResponse,
  reason: RefusalReason,
): Promise<void> {
  context.metrics.refused(reason);
  context.log.warn({ event: 'refused', reason });
  if (reason === 'budget') {
    // The agent's runner looks for the marker as soon as its CLI has ended on this answer.
    await context.budget.written();
    // The one status that ends the CLI's run at once.
    const message = context.budget.stopped?.message ?? 'The budget is spent.';
    sendApiError(response, { status: 402, type: 'permission_error', message, retry: false });
  } else if (reason === 'ledger') {
    const message = 'The ledger cannot be written: nothing may run uncounted. Is the disk full?';
    sendApiError(response, { status: 503, type: 'api_error', message, retry: true });
  } else {
    const message = 'Too many requests of this agent are waiting.';
    sendApiError(response, { status: 429, type: 'api_error', message, retry: true });
  }
}

/** Answers a request that is no request of the API, or could cost what nobody would count. */
export function refuseRequest(
  context: MessagesContext,
  response: ServerResponse,
  { status, message }: BadRequestError,
): void {
  context.metrics.refused('request');
  context.log.warn({ event: 'refused', reason: 'request', message });
  const type = status === 413 ? 'request_too_large' : 'invalid_request_error';
  sendApiError(response, { status, type, message, retry: false });
}
