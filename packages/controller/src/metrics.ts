import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type MeasuredTeam, registerTeams } from './team-metrics.ts';

/** The controller's metrics. No label contains a prompt or other free text. */
export interface Metrics {
  readonly registry: Registry;
  readonly reconciles: Counter<'kind' | 'result'>;
  readonly reconcileSeconds: Histogram<'kind'>;
  readonly apiRequests: Counter<'verb' | 'kind'>;
  readonly leading: Gauge<string>;
}

/**
 * @param teams all teams in this replica's cache.
 * @param seriesLimit how many teams have series of their own.
 * @param queueDepth how many resources are queued or being reconciled.
 */
export function makeMetrics(
  teams: () => Iterable<MeasuredTeam>,
  seriesLimit: number,
  queueDepth: () => number,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerTeams(registry, teams, seriesLimit);
  const registers = [registry];
  new Gauge({
    name: 'agentteam_queue_depth',
    help: 'Resources that are queued or being reconciled.',
    registers,
    collect() {
      this.set(queueDepth());
    },
  });
  return {
    registry,
    reconciles: new Counter({
      name: 'agentteam_reconciles_total',
      help: 'Reconciles by kind and result (ok, error).',
      labelNames: ['kind', 'result'],
      registers,
    }),
    reconcileSeconds: new Histogram({
      name: 'agentteam_reconcile_duration_seconds',
      help: 'Duration of a reconcile in seconds.',
      labelNames: ['kind'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    apiRequests: new Counter({
      name: 'agentteam_api_requests_total',
      help: 'Requests to the API server by verb and kind, without watches.',
      labelNames: ['verb', 'kind'],
      registers,
    }),
    leading: new Gauge({
      name: 'agentteam_leading',
      help: '1 while this replica is the leader.',
      registers,
    }),
  };
}
