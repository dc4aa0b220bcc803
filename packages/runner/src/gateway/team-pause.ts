import type { ServerResponse } from 'node:http';
import { readTeamPause, waitInDirectory } from '@agentteam/volume';
import { sendApiError } from './api-error.ts';
import type { MessagesContext } from './messages-context.ts';

/**
 * Holds a request while a person has paused the team. The reply that the agent is reading and the tools that
 * it runs go on; it stops at its next request.
 * @returns whether the request may continue. Otherwise it was answered, or the agent has closed it.
 */
export async function passPause(
  { config, log, closing }: Pick<MessagesContext, 'config' | 'log' | 'closing'>,
  response: ServerResponse,
): Promise<boolean> {
  const { control } = config.directories;
  const pause = await readTeamPause(control);
  if (pause === undefined) return true;
  log.info({ event: 'paused', by: pause.by });
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  const signal = AbortSignal.any([closed.signal, closing]);
  const isOver = async () => ((await readTeamPause(control)) === undefined ? true : undefined);
  try {
    await waitInDirectory(control, isOver, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    if (response.destroyed) return false;
    const message = 'The gateway ended the request while the team was paused.';
    await sendApiError(response, { status: 502, type: 'api_error', message, retry: true });
    return false;
  }
  log.info({ event: 'resumed' });
  return true;
}
