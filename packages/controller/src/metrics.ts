import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the controller tells Prometheus. Labels never carry prompts or other free text. */
export interface Metrics {
  readonly registry: Registry;
  readonly reconciles: Counter<'kind' | 'result'>;
  readonly reconcileSeconds: Histogram<'kind'>;
  readonly apiRequests: Counter<'verb' | 'kind'>;
  readonly queueDepth: Gauge<'kind'>;
  readonly teams: Gauge<'phase'>;
  readonly gatesWaiting: Gauge<string>;
  readonly teamCost: Gauge<'namespace' | 'team'>;
  readonly teamTokens: Gauge<'namespace' | 'team'>;
  readonly leading: Gauge<string>;
}

export function makeMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
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
      help: 'How long one reconcile took.',
      labelNames: ['kind'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    apiRequests: new Counter({
      name: 'agentteam_api_requests_total',
      help: 'Requests to the API server by verb and kind, watches excepted.',
      labelNames: ['verb', 'kind'],
      registers,
    }),
    queueDepth: new Gauge({
      name: 'agentteam_queue_depth',
      help: 'Objects that wait for a reconcile or are in one.',
      labelNames: ['kind'],
      registers,
    }),
    teams: new Gauge({
      name: 'agentteam_teams',
      help: 'Teams by phase.',
      labelNames: ['phase'],
      registers,
    }),
    gatesWaiting: new Gauge({
      name: 'agentteam_gates_waiting',
      help: 'Approval gates that wait for a person.',
      registers,
    }),
    teamCost: new Gauge({
      name: 'agentteam_team_cost_usd',
      help: 'What a team has spent, in US dollars, as the API reported its tokens.',
      labelNames: ['namespace', 'team'],
      registers,
    }),
    teamTokens: new Gauge({
      name: 'agentteam_team_tokens',
      help: 'Tokens that a team has used, all classes together.',
      labelNames: ['namespace', 'team'],
      registers,
    }),
    leading: new Gauge({
      name: 'agentteam_leading',
      help: '1 while this replica holds the lease.',
      registers,
    }),
  };
}
