import { type FSWatcher, watch } from 'node:fs';
import { Throttle } from './throttle.ts';

export interface WatchOptions {
  readonly signal: AbortSignal;
  /** How often to yield without an event, because network file systems have none. Default: 500 ms. */
  readonly pollMs?: number;
}

/**
 * Yields when something in a directory may have changed: at first, at each file event, and every `pollMs`.
 * The caller finds out what has changed; events that come meanwhile count as one. The directory need not
 * exist yet. The generator ends without an error when the signal aborts.
 */
export async function* watchDirectory(
  directory: string,
  { signal, pollMs = 500 }: WatchOptions,
): AsyncGenerator<void, void, undefined> {
  let isPending = true;
  let resolve = () => {};
  const throttle = new Throttle();
  const onChange = () => {
    isPending = true;
    resolve();
  };
  let watcher = tryWatch(directory, onChange);
  const timer = setInterval(() => {
    watcher ??= tryWatch(directory, onChange);
    onChange();
  }, pollMs);
  signal.addEventListener('abort', onChange);
  try {
    while (!signal.aborted) {
      if (!isPending) {
        await new Promise<void>((resolvePromise) => {
          resolve = resolvePromise;
        });
      }
      await throttle.pause(signal);
      if (signal.aborted) return;
      isPending = false;
      throttle.begin();
      yield;
      throttle.end();
    }
  } finally {
    signal.removeEventListener('abort', onChange);
    clearInterval(timer);
    watcher?.close();
  }
}

/**
 * Waits until `read` returns something other than `undefined`.
 * @throws the signal's reason when it aborts first.
 */
export async function waitInDirectory<T>(
  directory: string,
  read: () => Promise<T | undefined>,
  options: WatchOptions,
): Promise<T> {
  for await (const _ of watchDirectory(directory, options)) {
    const found = await read();
    if (found !== undefined) return found;
  }
  options.signal.throwIfAborted();
  throw new Error(`stopped watching ${directory}`);
}

/** Polling works without events, so a watch that cannot be started or that fails is not an error. */
function tryWatch(directory: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
