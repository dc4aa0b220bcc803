import type { AgentTeam, Lead, Teammate } from '@agentteam/api';

type Environment = NonNullable<AgentTeam['spec']['environment']>;

/** Where an agent works: the team's environment with the agent's own in front. */
export type ResolvedEnvironment = Environment;

export type Service = NonNullable<Environment['services']>[number];
/** A container beside an agent. */
export type Sidecar = NonNullable<Environment['sidecars']>[number];

/**
 * Merges an agent's environment into the team's, field by field. A list whose entries have names is merged by
 * name: an entry of the agent replaces the team's entry of that name, and the others are added after it. Any
 * other list counts as one value.
 */
export function resolveEnvironment(
  { spec }: AgentTeam,
  { environment: own = {} }: Lead | Teammate,
): ResolvedEnvironment {
  const common = spec.environment ?? {};
  const names = Object.keys({ ...common, ...own }) as (keyof Environment)[];
  return Object.fromEntries(names.map((name) => [name, mergeValue(common[name], own[name])]));
}

function mergeValue(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isNamedList(below) || !isNamedList(above)) return above;
  const names = new Set(above.map(({ name }) => name));
  return [...below.filter(({ name }) => !names.has(name)), ...above];
}

function isNamedList(value: unknown): value is readonly { readonly name: string }[] {
  return Array.isArray(value) && value.every((one) => typeof one?.name === 'string');
}
