import type { AgentTeam, Lead, Teammate } from '@agentteam/api';
import { LEAD, type Scope } from '@agentteam/contract';
import { digest } from '@agentteam/text';
import { pluginId, skillId } from './source-id.ts';

/**
 * For each agent, a digest of what it is asked to do and of what it starts from: its own part of the spec,
 * what the team works on, and the digests of the agents that it waits for. Limits, credentials and resources
 * do not change the work.
 */
export function workDigests({ spec }: AgentTeam): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  const teammates = new Map(spec.teammates.map((teammate) => [teammate.name, teammate]));
  const shared = sharedPart(spec);
  const digestOf = (teammate: Teammate): string => {
    const known = digests.get(teammate.name);
    if (known !== undefined) return known;
    const before = (teammate.dependsOn ?? []).map((name) => {
      const other = teammates.get(name);
      return other === undefined ? name : digestOf(other);
    });
    const work = digest(JSON.stringify([shared, ...ownPart(teammate), before]));
    digests.set(teammate.name, work);
    return work;
  };
  const all = spec.teammates.map(digestOf);
  const { permissionMode } = spec.lead;
  digests.set(LEAD, digest(JSON.stringify([shared, ...ownPart(spec.lead), permissionMode, all])));
  return digests;
}

export function scopeOf({ scope }: Lead | Teammate): Scope {
  return { includePaths: scope?.includePaths ?? [], excludePaths: scope?.excludePaths ?? [] };
}

function ownPart(agent: Lead | Teammate): readonly unknown[] {
  const { model, prompt, skills = [], plugins = [], mcpServers = [] } = agent;
  return [
    model,
    prompt,
    agent.scope === undefined ? null : scopeOf(agent),
    skills.map(({ name, source }) => [name, source.configMap ?? skillId(source)]),
    mcpServers.map(({ name, url, command, args = [], env = [], headers = [] }) => [
      name,
      // A digest from before the other fields existed still holds for servers without them.
      ...(command === undefined ? [url] : [command, args, env]),
      ...(headers.length > 0 ? [headers] : []),
    ]),
    ...(plugins.length > 0 ? [plugins.map(pluginId)] : []),
  ];
}

function sharedPart({ repository, workspace }: AgentTeam['spec']): readonly unknown[] {
  const { inputs = [], output } = workspace ?? {};
  return [
    repository?.setupCommand ?? [],
    inputs.map(({ configMap, pvc, mountPath }) => [configMap, pvc, mountPath]),
    [output?.pvc, output?.mountPath],
    // A digest from before the field existed still holds for its default.
    ...(repository === undefined || repository.settings === 'skills' ? [] : [repository.settings]),
  ];
}
