import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { MessagesContext } from '../messages-context.ts';
import { holdRequest } from './hold-request.ts';

type Context = Pick<MessagesContext, 'freeRequests' | 'closing' | 'log'>;

/**
 * Holds a request while the agent has sent too many that cost nothing.
 * @returns whether the request may continue. Otherwise it was answered, or the agent has closed it.
 */
export async function passFree(
  { freeRequests, closing, log }: Context,
  response: ServerResponse,
): Promise<boolean> {
  if (freeRequests.waitMs === 0) return true;
  log.warn({ event: 'held', reason: 'too many requests that cost nothing' });
  return holdRequest(response, closing, 'while it was held', async (signal) => {
    for (let ms = freeRequests.waitMs; ms > 0; ms = freeRequests.waitMs) {
      await delay(ms, undefined, { signal });
    }
  });
}
