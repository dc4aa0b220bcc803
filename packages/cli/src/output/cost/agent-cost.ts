import type { AgentTeam, AgentTeamStatus } from '@agentteam/api';
import {
  type AgentLive,
  type CredentialCost,
  parseMoney,
  type TeamLive,
} from '@agentteam/contract';
import type { CostRow } from '@agentteam/ledger';

/**
 * What an agent spent. With the ledger there is one entry for each model of the agent; otherwise one entry
 * with the model from the team's spec, and only the figures that are known.
 */
export type AgentCost = Pick<CostRow, 'agent' | 'model' | 'usd'> & Partial<CostRow>;

export interface CostFigures {
  readonly rows: readonly AgentCost[];
  /** What each credential has paid, where the rows do not say it. */
  readonly credentials?: readonly CredentialCost[];
  /** A remark for the user on the source of the figures. */
  readonly note?: string;
}

/** Reads tokens and dollars of each agent from the team's figures. */
export function costsOfLive({ spec }: AgentTeam, { agents }: TeamLive): readonly AgentCost[] {
  const models = new Map(spec.teammates.map(({ name, model = '' }) => [name, model]));
  const modelOf = ({ role, name }: AgentLive): string =>
    (role === 'lead' ? spec.lead.model : models.get(name)) ?? '';
  return byCost(
    agents.map((agent) => ({
      agent: agent.name,
      model: modelOf(agent),
      tokens: agent.tokens,
      usd: parseMoney(agent.usd),
    })),
  );
}

/** Reads the dollars of each agent from the team's status, which does not contain tokens. */
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
  return byCost(
    members.map(({ name, model, usd = '0' }) => ({ agent: name, model, usd: parseMoney(usd) })),
  );
}

/** Sorts by cost, highest first. */
function byCost(rows: readonly AgentCost[]): readonly AgentCost[] {
  return rows.toSorted((a, b) => Number(b.usd > a.usd) - Number(b.usd < a.usd));
}
