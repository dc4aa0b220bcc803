import type { ServerResponse } from 'node:http';
import { sendApiError } from '../http/api-error.ts';

/**
 * Holds a request.
 * @param closing aborts when the gateway closes.
 * @param why completes the sentence that the agent gets then: `while the team was paused`.
 * @param wait resolves when the request may continue.
 * @returns whether the request may continue. Otherwise it was answered, or the agent has closed it.
 */
export async function holdRequest(
  response: ServerResponse,
  closing: AbortSignal,
  why: string,
  wait: (signal: AbortSignal) => Promise<unknown>,
): Promise<boolean> {
  if (response.destroyed) return false;
  const closed = new AbortController();
  const onClose = () => closed.abort();
  response.once('close', onClose);
  const signal = AbortSignal.any([closed.signal, closing]);
  try {
    await wait(signal);
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    if (response.destroyed) return false;
    const message = `The gateway ended the request ${why}.`;
    await sendApiError(response, { status: 502, type: 'api_error', message, retry: true });
    return false;
  } finally {
    response.off('close', onClose);
  }
}
