import type { AgentTeam, Lead, Teammate } from '@agentteam/api';
import type { PlacedFile } from '@agentteam/contract';

type Environment = NonNullable<AgentTeam['spec']['environment']>;

/** Where an agent works: the team's environment with the agent's own in front. */
export type ResolvedEnvironment = Environment;

export type Service = NonNullable<Environment['services']>[number];
/** A container beside an agent. */
export type Sidecar = NonNullable<Environment['sidecars']>[number];
/** The keys by which lists are merged whose entries have no name of their own. */
const KEYS: Readonly<Partial<Record<string, string>>> = { mounts: 'mountPath', files: 'path' };

/**
 * Merges an agent's environment into the team's, field by field. A list whose entries have names is merged by
 * name: an entry of the agent replaces the team's entry of that name, and the others are added after it. Mounts
 * and files are merged by their paths. Any other list counts as one value.
 */
export function resolveEnvironment(
  { spec }: AgentTeam,
  { environment: own = {} }: Lead | Teammate,
): ResolvedEnvironment {
  const common = spec.environment ?? {};
  // Most agents have no environment of their own.
  if (Object.keys(own).length === 0) return common;
  const names = Object.keys({ ...common, ...own }) as (keyof Environment)[];
  return Object.fromEntries(names.map((name) => [name, mergeField(name, common[name], own[name])]));
}

/** Merges two values of a field of environments, of which the second takes precedence. */
export function mergeField(name: string, below: unknown, above: unknown): unknown {
  const key = KEYS[name] ?? 'name';
  if (above === undefined) return below;
  if (!isKeyedList(below, key) || !isKeyedList(above, key)) return above;
  const keys = new Set(above.map((entry) => entry[key]));
  return [...below.filter((entry) => !keys.has(entry[key])), ...above];
}

function isKeyedList(
  value: unknown,
  key: string,
): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every((one) => typeof one?.[key] === 'string');
}

/** All different files that are placed in the worktrees of some agents. */
export function filesOf(
  agents: readonly { readonly environment: ResolvedEnvironment }[],
): readonly PlacedFile[] {
  const all = agents.flatMap(({ environment }) => environment.files ?? []);
  const byText = new Map(all.map((file) => [JSON.stringify(placedFile(file)), placedFile(file)]));
  return [...byText.values()];
}

/** The fields of a file in a fixed order. */
export function placedFile({ path, configMap, key }: PlacedFile): PlacedFile {
  return { path, configMap, key };
}
