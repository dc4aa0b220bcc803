import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { type Logger, pino } from 'pino';

/** What is being worked on, and the id that all lines about it share. */
export type Work = Readonly<
  Partial<Record<'team' | 'run' | 'template', string>> & { reconcile: string }
>;

const working = new AsyncLocalStorage<Work>();

/**
 * JSON lines on stdout. What is logged within `whileWorkingOn` says of which object and which look at
 * it, whoever logs it.
 */
export function makeLog(level: string, pod: string): Logger {
  return pino({ level, base: { pod }, mixin: () => working.getStore() ?? {} });
}

/**
 * @param kind of the object, as the field that names it.
 * @param key `namespace/name`.
 */
export function whileWorkingOn<T>(
  kind: 'team' | 'run' | 'template',
  key: string,
  run: () => Promise<T>,
): Promise<T> {
  return working.run({ reconcile: randomUUID().slice(0, 8), [kind]: key }, run);
}
