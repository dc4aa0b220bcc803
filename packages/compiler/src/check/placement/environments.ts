import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { type ResolvedEnvironment, resolveEnvironment } from '../../resolve/environment.ts';
import { agentsOf } from '../agents.ts';

export type Environment = NonNullable<AgentTeam['spec']['environment']>;

/** The environment in which an agent works, and where each of its entries is written. */
export interface Effective {
  readonly environment: ResolvedEnvironment;
  /** The path of an entry of one of its lists. */
  readonly pathOf: (list: keyof Environment, entry: unknown) => Problem['path'];
}

/** The merged environment of each agent. */
export function effectiveEnvironments(team: AgentTeam): readonly Effective[] {
  const common = team.spec.environment ?? {};
  return agentsOf(team).map(({ agent, path }) => ({
    environment: resolveEnvironment(team, agent),
    pathOf: (list, entry) => {
      const own = indexIn(agent.environment?.[list], entry);
      return own >= 0
        ? [...path, 'environment', list, own]
        : ['spec', 'environment', list, indexIn(common[list], entry)];
    },
  }));
}

function indexIn(list: unknown, entry: unknown): number {
  return Array.isArray(list) ? list.indexOf(entry) : -1;
}

/** Problems of entries that several agents share are reported once. */
export function once(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ path, code }) => {
    const key = JSON.stringify([code, path]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
