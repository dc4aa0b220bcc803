import type { ServerResponse } from 'node:http';
import type { MessagesContext } from '../messages-context.ts';
import type { BadRequestError } from '../request/bad-request.ts';
import type { RefusalReason } from '../status/metrics.ts';
import { sendApiError } from './api-error.ts';

/** Refuses a request: logs and counts it, and answers with the reason. */
export async function refuse(
  context: MessagesContext,
  response: ServerResponse,
  reason: RefusalReason,
): Promise<void> {
  context.metrics.refused(reason);
  context.log.warn({ event: 'refused', reason });
  if (reason === 'budget') {
    // The agent's runner reads the stop marker as soon as this answer has ended the CLI.
    await context.budget.written();
    // 402 is the only status that ends the CLI's run at once.
    const message = context.budget.stopped?.message ?? 'The budget is spent.';
    sendApiError(response, { status: 402, type: 'permission_error', message, retry: false });
  } else if (reason === 'ledger') {
    const message =
      'The gateway cannot write the ledger, so it sends no requests. Check whether the disk is full.';
    sendApiError(response, { status: 503, type: 'api_error', message, retry: true });
  } else {
    const message = 'Too many requests of this agent are already waiting.';
    sendApiError(response, { status: 429, type: 'api_error', message, retry: true });
  }
}

/** Refuses a request that is invalid, or whose cost could not be counted. */
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
