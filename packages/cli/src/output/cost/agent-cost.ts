import type { AgentTeam, AgentTeamStatus } from '@agentteam/api';
import type { AgentLive, TeamLive } from '@agentteam/contract';
import { type CostRow, parseMoney } from '@agentteam/ledger';

/**
 * What an agent spent, as far as it is known: with the ledger on each of its models, without it in
 * all, under the model that the team names for it.
 */
export type AgentCost = Pick<CostRow, 'agent' | 'model' | 'usd'> & Partial<CostRow>;

/** Costs, and what a person should know of where they come from. */
export interface CostFigures {
  readonly rows: readonly AgentCost[];
  readonly note?: string;
}

/** From a team's figures: tokens and dollars of each agent. */
export function costsOfLive({ spec }: AgentTeam, { agents }: TeamLive): readonly AgentCost[] {
  const models = new Map(spec.teammates.map(({ name, model = '' }) => [name, model]));
  const modelOf = ({ role, name }: AgentLive): string =>
    (role === 'lead' ? spec.lead.model : models.get(name)) ?? '';
  return dearestFirst(
    agents.map((agent) => ({
      agent: agent.name,
      model: modelOf(agent),
      tokens: agent.tokens,
      usd: parseMoney(agent.usd),
    })),
  );
}

/** From a team's status, which knows no more than the dollars of each agent. */
export function costsOfStatus({ spec }: AgentTeam, status: AgentTeamStatus): readonly AgentCost[] {
  const models = new Map(spec.teammates.map(({ name, model = '' }) => [name, model]));
  const members = [
    { name: 'lead', model: spec.lead.model ?? '', usd: status.lead?.estimatedCost },
    ...(status.teammates ?? []).map(({ name, estimatedCost }) => ({
      name,
      model: models.get(name) ?? '',
      usd: estimatedCost,
    })),
  ];
  return dearestFirst(
    members.map(({ name, model, usd = '0' }) => ({ agent: name, model, usd: parseMoney(usd) })),
  );
}

function dearestFirst(rows: readonly AgentCost[]): readonly AgentCost[] {
  return rows.toSorted((a, b) => Number(b.usd > a.usd) - Number(b.usd < a.usd));
}
