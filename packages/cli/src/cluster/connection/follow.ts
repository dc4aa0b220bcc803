import { EventEmitter, on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Watch } from '@kubernetes/client-node';
import type { Connection } from './connection.ts';
import type { CustomObjects } from './custom-objects.ts';
import { httpStatus, requestFailure } from './errors.ts';

interface Versioned {
  readonly metadata: { readonly resourceVersion?: string };
}

/** Milliseconds before a watch that has ended is made again, the first time and at most. */
const FIRST_PAUSE = 250;
const LAST_PAUSE = 5_000;

/**
 * An object as it is, and again whenever it changes, until the signal aborts. `undefined` when it is
 * not there (any more). A connection that is lost is made again; only the first must succeed.
 */
export async function* follow<T extends Versioned>(
  connection: Connection,
  objects: CustomObjects<T>,
  name: string,
  signal: AbortSignal,
): AsyncIterable<T | undefined> {
  let pause = FIRST_PAUSE;
  let known = false;
  while (!signal.aborted) {
    try {
      const object = await objects.read(name);
      known = true;
      yield object;
      for await (const changed of changesAfter(connection, objects.path, name, object, signal)) {
        pause = FIRST_PAUSE;
        yield changed;
      }
    } catch (error) {
      if (!known || isFinal(error)) throw requestFailure(error, connection.server);
    }
    // Who may not watch, but read, asks again and again: less and less often.
    await delay(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
    pause = Math.min(pause * 2, LAST_PAUSE);
  }
}

/** Rights that were taken away do not come back by asking again. */
function isFinal(error: unknown): boolean {
  const status = httpStatus((error as Error).cause ?? error);
  return status === 401 || status === 403;
}

/** Changes after what was read, until the server ends the watch. */
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
      // An expired version among others: reading again is all there is to do.
      if (phase === 'ERROR') events.emit('end');
      else events.emit('change', phase === 'DELETED' ? undefined : object);
    },
    // Whatever ended it, the next read says whether it matters.
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
