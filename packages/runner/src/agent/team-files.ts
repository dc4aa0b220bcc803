import { RefusedError } from '@agentteam/volume';
import { log } from './log.ts';

/**
 * For what fails at the team's files, which every agent can write: one that holds a lock for ever, or
 * puts a link in a directory's place, delays what others do there, and must not end them.
 * @throws every other error.
 */
export function goOnWithout(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ELOCKED' && !(error instanceof RefusedError)) throw error;
  log('files', `${error.message}; going on without it`);
  return undefined;
}
