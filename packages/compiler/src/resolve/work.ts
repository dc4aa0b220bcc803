import type { AgentTeam, Lead, Teammate } from '@agentteam/api';
import { isRecord, LEAD, type Scope } from '@agentteam/contract';
import { digest } from '@agentteam/text';
import { resolveEnvironment } from './environment.ts';
import { pluginId, skillId } from './source-id.ts';

/**
 * For each agent, a digest of what it is asked to do and of what it starts from: its own part of the spec,
 * where it works, what the team works on, and the digests of the agents that it waits for. Limits, credentials,
 * resources and placement do not change the work.
 */
export function workDigests(team: AgentTeam): ReadonlyMap<string, string> {
  const { spec } = team;
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
    const work = digest(JSON.stringify([shared, ...ownPart(team, teammate), before]));
    digests.set(teammate.name, work);
    return work;
  };
  const all = spec.teammates.map(digestOf);
  const { permissionMode } = spec.lead;
  const own = [...ownPart(team, spec.lead), permissionMode];
  digests.set(LEAD, digest(JSON.stringify([shared, ...own, all])));
  return digests;
}

export function scopeOf({ scope }: Lead | Teammate): Scope {
  return { includePaths: scope?.includePaths ?? [], excludePaths: scope?.excludePaths ?? [] };
}

function ownPart(team: AgentTeam, agent: Lead | Teammate): readonly unknown[] {
  const { image, env, services, volumes, mounts, files } = resolveEnvironment(team, agent);
  const place = { image, env, volumes, mounts, files };
  const { model, prompt, skills = [], plugins = [], mcpServers = [] } = agent;
  return [
    model,
    prompt,
    agent.scope === undefined ? null : scopeOf(agent),
    skills.map(({ name, source }) => [name, source.configMap ?? skillId(source)]),
    mcpServers.map(({ name, url, command, args = [], env = [], headers = [] }) => [
      name,
      // A digest from before the other fields existed still holds for servers without them.
      ...(command === undefined ? [url] : [command, args, withSortedKeys(env)]),
      ...(headers.length > 0 ? [withSortedKeys(headers)] : []),
    ]),
    ...(plugins.length > 0 ? [plugins.map(pluginId)] : []),
    // Absent for most teams, whose digests are older than these fields.
    ...(Object.values(place).every((field) => field === undefined) ? [] : [withSortedKeys(place)]),
    ...(services === undefined ? [] : [services.map(({ name, url }) => [name, url])]),
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

/** The order of keys in a team's file does not change the work. */
function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (!isRecord(value)) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, item]) => [key, withSortedKeys(item)]));
}
