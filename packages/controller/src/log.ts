import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { type Logger, pino } from 'pino';

export type ResourceKind = 'team' | 'run' | 'template';

/** Fields of every log line about a resource. All lines of one reconcile share an id. */
type LogContext = Readonly<Partial<Record<ResourceKind, string>> & { reconcile: string }>;

const context = new AsyncLocalStorage<LogContext>();

/** Writes JSON lines to stdout. Lines within `withLogContext` name the resource and the reconcile. */
export function makeLog(level: string, pod: string): Logger {
  return pino({ level, base: { pod }, mixin: () => context.getStore() ?? {} });
}

/**
 * Runs a function whose log lines name a resource.
 * @param key `namespace/name`.
 */
export function withLogContext<T>(
  kind: ResourceKind,
  key: string,
  run: () => Promise<T>,
): Promise<T> {
  return context.run({ reconcile: randomUUID().slice(0, 8), [kind]: key }, run);
}
