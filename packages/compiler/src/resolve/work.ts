import type { AgentTeam, Lead, Teammate } from '@agentteam/api';
import { LEAD } from '@agentteam/contract';
import { digest } from './names.ts';
import { scopeOf } from './scope.ts';

/**
 * For each agent a digest of what it is asked to do and of what it starts from: its own part of the spec,
 * what the team works on, and the same of the agents that it waits for. Limits, credentials and resources
 * change no work.
 */
export function worksOf({ spec }: AgentTeam): ReadonlyMap<string, string> {
  const works = new Map<string, string>();
  const mates = new Map(spec.teammates.map((mate) => [mate.name, mate]));
  const shared = sharedText(spec);
  const workOf = (mate: Teammate): string => {
    const known = works.get(mate.name);
    if (known !== undefined) return known;
    const before = (mate.dependsOn ?? []).map((name) => {
      const other = mates.get(name);
      return other === undefined ? name : workOf(other);
    });
    const work = digest(JSON.stringify([shared, ...ownText(mate), before]));
    works.set(mate.name, work);
    return work;
  };
  const all = spec.teammates.map(workOf);
  const { permissionMode } = spec.lead;
  works.set(LEAD, digest(JSON.stringify([shared, ...ownText(spec.lead), permissionMode, all])));
  return works;
}

function ownText(agent: Lead | Teammate): readonly unknown[] {
  const { model, prompt, skills = [], mcpServers = [] } = agent;
  return [
    model,
    prompt,
    agent.scope === undefined ? null : scopeOf(agent),
    skills.map(({ name, source }) => [name, source.configMap]),
    mcpServers.map(({ name, url }) => [name, url]),
  ];
}

function sharedText({ repository, workspace }: AgentTeam['spec']): readonly unknown[] {
  const { inputs = [], output } = workspace ?? {};
  return [
    repository?.setupCommand ?? [],
    inputs.map(({ configMap, pvc, mountPath }) => [configMap, pvc, mountPath]),
    [output?.pvc, output?.mountPath],
  ];
}
