import { AGENT_TEAM, AGENT_TEAM_RUN, AGENT_TEAM_TEMPLATE } from '@agentteam/api';
import type { Logger } from 'pino';
import { httpStatus, reasonOf, retryAfterOf } from '../kube/kube-error.ts';
import { type ResourceKind, withLogContext } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { KeyedQueue, type Priority } from '../queue.ts';

const KINDS: Readonly<Record<ResourceKind, string>> = {
  team: AGENT_TEAM.kind,
  run: AGENT_TEAM_RUN.kind,
  template: AGENT_TEAM_TEMPLATE.kind,
};

/** Reconciles the resources of one kind. */
export interface Reconciler {
  /** @returns after how many ms to reconcile again. */
  reconcile(key: string): Promise<number | undefined>;
  /** Default: every resource has the same priority. */
  priority?(key: string): Priority;
}

/** The work queue of a reconciler, with metrics and log lines for each reconcile. */
export function reconcileQueue(
  kind: ResourceKind,
  concurrency: number,
  reconciler: Reconciler,
  metrics: Metrics,
  log: Logger,
): KeyedQueue {
  return new KeyedQueue({
    concurrency,
    priority: (key) => reconciler.priority?.(key) ?? 'low',
    within: (key, run) => withLogContext(kind, key, run),
    work: (key) => measured(metrics, log, KINDS[kind], () => reconciler.reconcile(key)),
    retryAfter: retryAfterOf,
    onError: (_key, error, retryMs) => {
      // A conflict is expected: the next reconcile sees the newer object.
      const level = httpStatus(error) === 409 ? 'debug' : 'warn';
      log[level](
        { status: httpStatus(error), reason: reasonOf(error), retryMs },
        'reconcile failed; retrying',
      );
    },
  });
}

async function measured<T>(
  metrics: Metrics,
  log: Logger,
  kind: string,
  work: () => Promise<T>,
): Promise<T> {
  const end = metrics.reconcileSeconds.startTimer({ kind });
  let result = 'error';
  try {
    const value = await work();
    result = 'ok';
    return value;
  } finally {
    const seconds = end();
    log.debug({ result, seconds }, 'reconciled');
    metrics.reconciles.inc({ kind, result });
  }
}
