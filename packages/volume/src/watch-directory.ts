import { type FSWatcher, watch } from 'node:fs';
import { Pace } from './pace.ts';

export interface WatchOptions {
  readonly signal: AbortSignal;
  /** How often to look without an event; network file systems deliver none. Default 500 ms. */
  readonly pollMs?: number;
}

/**
 * Yields when something in a directory may have changed: at once, at each file event, and every
 * `pollMs`. The consumer looks for itself what it is; events that come while it looks are one. The
 * directory need not exist yet. Ends when the signal aborts, without an error.
 */
export async function* watchDirectory(
  directory: string,
  { signal, pollMs = 500 }: WatchOptions,
): AsyncGenerator<void, void, undefined> {
  let pending = true;
  let wake = () => {};
  const pace = new Pace();
  const changed = () => {
    pending = true;
    wake();
  };
  let watcher = tryWatch(directory, changed);
  const timer = setInterval(() => {
    watcher ??= tryWatch(directory, changed);
    changed();
  }, pollMs);
  signal.addEventListener('abort', changed);
  try {
    while (!signal.aborted) {
      if (!pending) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      await pace.rest(signal);
      if (signal.aborted) return;
      pending = false;
      pace.begin();
      yield;
      pace.end();
    }
  } finally {
    signal.removeEventListener('abort', changed);
    clearInterval(timer);
    watcher?.close();
  }
}

/**
 * Waits until `read` finds something.
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

/** Events are a bonus over polling: where a watch cannot be had, or breaks, polling goes on alone. */
function tryWatch(directory: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, changed);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
