import type { AgentTeamStatus } from '@agentteam/api';
import { Gauge, type Registry } from 'prom-client';

/** The part of a team from which its metrics are derived on every scrape. */
export interface MeasuredTeam {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly status?: AgentTeamStatus;
}

/**
 * Selects the teams that have series of their own: first those that wait for a person, then those that
 * run, then those that ended most recently.
 */
export function withSeries(teams: Iterable<MeasuredTeam>, limit: number): readonly MeasuredTeam[] {
  const all = [...teams];
  if (all.length <= limit) return all;
  const endOf = ({ status }: MeasuredTeam): string => status?.completedAt ?? '';
  const rank = (team: MeasuredTeam): number =>
    endOf(team) !== '' ? 2 : gatesWaiting(team) + questionsWaiting(team) > 0 ? 0 : 1;
  return all
    .toSorted((a, b) => rank(a) - rank(b) || (endOf(a) < endOf(b) ? 1 : -1))
    .slice(0, limit);
}

function gatesWaiting({ status }: MeasuredTeam): number {
  if (status?.completedAt !== undefined) return 0;
  return (status?.approvals ?? []).filter(({ decision }) => decision === undefined).length;
}

function questionsWaiting({ status }: MeasuredTeam): number {
  if (status?.completedAt !== undefined) return 0;
  const isOpen = ({ answer, unanswered }: Question): boolean =>
    answer === undefined && unanswered === undefined;
  return (status?.questions ?? []).filter(isOpen).length;
}

type Question = NonNullable<AgentTeamStatus['questions']>[number];

function isWaitingForProvider(status: AgentTeamStatus | undefined): boolean {
  const condition = status?.conditions?.find(({ type }) => type === 'WaitingForProvider');
  return condition?.status === 'True';
}

/** Registers gauges that are computed on every scrape, so that no series outlives its team. */
export function registerTeams(
  registry: Registry,
  teams: () => Iterable<MeasuredTeam>,
  seriesLimit: number,
): void {
  const registers = [registry];
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
    name: 'agentteam_teams_without_series',
    help: 'Teams without series of their own, because there are more than the limit.',
    registers,
    collect() {
      this.set(Math.max(0, [...teams()].length - seriesLimit));
    },
  });
  perTeam('agentteam_gates_waiting', 'Open approval gates of a team.', (team) => {
    const waiting = gatesWaiting(team);
    return waiting > 0 ? waiting : undefined;
  });
  perTeam('agentteam_questions_waiting', 'Questions of a team that wait for an answer.', (team) => {
    const waiting = questionsWaiting(team);
    return waiting > 0 ? waiting : undefined;
  });
  perTeam(
    'agentteam_team_waiting_for_provider',
    '1 while agents of a team wait because the API refuses their requests.',
    ({ status }) => (isWaitingForProvider(status) ? 1 : undefined),
  );
  perTeam(
    'agentteam_team_cost_usd',
    'Cost of a team in US dollars, from the tokens that the API reported.',
    ({ status }) => Number(status?.estimatedCost ?? 0),
  );
  perTeam(
    'agentteam_team_tokens',
    'Tokens that a team has used, of all classes.',
    ({ status }) => status?.totalTokensUsed ?? 0,
  );

  function perTeam(
    name: string,
    help: string,
    value: (team: MeasuredTeam) => number | undefined,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'team'],
      registers,
      collect() {
        this.reset();
        for (const team of withSeries(teams(), seriesLimit)) {
          const now = value(team);
          const { name: own, namespace = '' } = team.metadata;
          if (now !== undefined) this.set({ namespace, team: own }, now);
        }
      },
    });
  }
}
