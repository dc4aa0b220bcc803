import { EventEmitter, on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Watch } from '@kubernetes/client-node';
import type { Connection } from './connection.ts';
import type { CustomObjects } from './custom-objects.ts';
import { httpStatus, requestFailure } from './errors.ts';

interface Versioned {
  readonly metadata: { readonly resourceVersion?: string };
}

/** Milliseconds before a watch that has ended is started again: initially and at most. */
const MIN_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5_000;

/**
 * Yields an object now and whenever it changes, until the signal aborts. Yields undefined when the object
 * does not exist. A lost connection is established again.
 * @throws Failure when the first request fails, or the permissions are withdrawn.
 */
export async function* follow<T extends Versioned>(
  connection: Connection,
  objects: CustomObjects<T>,
  name: string,
  signal: AbortSignal,
): AsyncIterable<T | undefined> {
  let pause = MIN_PAUSE_MS;
  let wasRead = false;
  while (!signal.aborted) {
    try {
      const object = await objects.read(name);
      wasRead = true;
      yield object;
      for await (const changed of changesAfter(connection, objects.path, name, object, signal)) {
        pause = MIN_PAUSE_MS;
        yield changed;
      }
    } catch (error) {
      if (!wasRead || isFinal(error)) throw requestFailure(error, connection.server);
    }
    // A user who may read but not watch polls here, at increasing intervals.
    await delay(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
    pause = Math.min(pause * 2, MAX_PAUSE_MS);
  }
}

/** Whether an error is permanent: retrying does not restore permissions. */
function isFinal(error: unknown): boolean {
  const status = httpStatus((error as Error).cause ?? error);
  return status === 401 || status === 403;
}

/** Yields the changes of an object after it was read, until the server ends the watch. */
async function* changesAfter<T extends Versioned>(
  { config }: Connection,
  path: string,
  name: string,
  from: T | undefined,
  signal: AbortSignal,
): AsyncIterable<T | undefined> {
  const events = new EventEmitter();
  const changes = on(events, 'change', { close: ['end'] });
  const request = await new Watch(config).watch(
    path,
    { fieldSelector: `metadata.name=${name}`, resourceVersion: from?.metadata.resourceVersion },
    (phase, object: T) => {
      // For example the resource version has expired. The caller reads the object again.
      if (phase === 'ERROR') events.emit('end');
      else events.emit('change', phase === 'DELETED' ? undefined : object);
    },
    // An error is ignored here: if it persists, the next read fails too.
    () => events.emit('end'),
  );
  const end = (): void => {
    events.emit('end');
  };
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    for await (const [object] of changes) yield object as T | undefined;
  } finally {
    signal.removeEventListener('abort', end);
    request.abort();
  }
}
