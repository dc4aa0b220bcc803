import type { ServerResponse } from 'node:http';
import { readTeamPause, waitInDirectory } from '@agentteam/volume';
import type { MessagesContext } from '../messages-context.ts';
import { holdRequest } from './hold-request.ts';

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
  if (response.destroyed) return false;
  log.info({ event: 'paused', by: pause.by });
  const isOver = async () => ((await readTeamPause(control)) === undefined ? true : undefined);
  const mayContinue = await holdRequest(response, closing, 'while the team was paused', (signal) =>
    waitInDirectory(control, isOver, { signal }),
  );
  if (mayContinue) log.info({ event: 'resumed' });
  return mayContinue;
}
