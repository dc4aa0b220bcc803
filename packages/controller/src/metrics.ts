import type { AgentTeamStatus } from '@agentteam/api';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the controller tells Prometheus. Labels never carry prompts or other free text. */
export interface Metrics {
  readonly registry: Registry;
  readonly reconciles: Counter<'kind' | 'result'>;
  readonly reconcileSeconds: Histogram<'kind'>;
  readonly apiRequests: Counter<'verb' | 'kind'>;
  readonly leading: Gauge<string>;
}

/** A team as its figures are read off it, each time that Prometheus asks. */
export interface MeasuredTeam {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly status?: AgentTeamStatus;
}

/**
 * @param teams all teams that this replica knows of.
 * @param queueDepth objects that wait for a reconcile or are in one.
 */
export function makeMetrics(
  teams: () => Iterable<MeasuredTeam>,
  queueDepth: () => number,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerTeams(registry, teams, queueDepth);
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
    leading: new Gauge({
      name: 'agentteam_leading',
      help: '1 while this replica holds the lease.',
      registers,
    }),
  };
}

/** Figures that are looked up when they are asked for, so that none outlives its team. */
function registerTeams(
  registry: Registry,
  teams: () => Iterable<MeasuredTeam>,
  queueDepth: () => number,
): void {
  const registers = [registry];
  new Gauge({
    name: 'agentteam_queue_depth',
    help: 'Objects that wait for a reconcile or are in one.',
    registers,
    collect() {
      this.set(queueDepth());
    },
  });
  new Gauge({
    name: 'agentteam_teams',
    help: 'Teams by phase.',
    labelNames: ['namespace', 'phase'],
    registers,
    collect() {
      this.reset();
      for (const { metadata, status } of teams()) {
        this.inc({ namespace: metadata.namespace ?? '', phase: status?.phase ?? 'Pending' });
      }
    },
  });
  new Gauge({
    name: 'agentteam_gates_waiting',
    help: 'Approval gates of a team that wait for a person.',
    labelNames: ['namespace', 'team'],
    registers,
    collect() {
      this.reset();
      for (const { metadata, status } of teams()) {
        if (status?.completedAt !== undefined) continue;
        const open = (status?.approvals ?? []).filter(({ decision }) => decision === undefined);
        if (open.length > 0) this.set(labelsOf(metadata), open.length);
      }
    },
  });
  new Gauge({
    name: 'agentteam_team_cost_usd',
    help: 'What a team has spent, in US dollars, as the API reported its tokens.',
    labelNames: ['namespace', 'team'],
    registers,
    collect() {
      this.reset();
      for (const { metadata, status } of teams()) {
        this.set(labelsOf(metadata), Number(status?.estimatedCost ?? 0));
      }
    },
  });
  new Gauge({
    name: 'agentteam_team_tokens',
    help: 'Tokens that a team has used, all classes together.',
    labelNames: ['namespace', 'team'],
    registers,
    collect() {
      this.reset();
      for (const { metadata, status } of teams()) {
        this.set(labelsOf(metadata), status?.totalTokensUsed ?? 0);
      }
    },
  });
}

function labelsOf({ name, namespace = '' }: MeasuredTeam['metadata']): {
  readonly namespace: string;
  readonly team: string;
} {
  return { namespace, team: name };
}
