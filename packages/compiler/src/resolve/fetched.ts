import type { Plugin, Skill } from '@agentteam/api';
import { type FetchedSpec, parseDuration } from '@agentteam/contract';
import type { ResolvedAgent } from './agents.ts';
import type { ResolvedOptions } from './options.ts';
import { parseSize } from './size.ts';
import { gitSource, pluginId, pluginSource, skillId } from './source-id.ts';

/** Limits of sources that set none. */
const TIMEOUT_SECONDS = 120;
const MAX_BYTES = 50 * 1024 ** 2;

type Limits = Pick<Skill['source'], 'timeout' | 'maxSize'>;

/** Names of the Secrets that a container which fetches sources mounts. */
export interface FetchSecrets {
  readonly registry: readonly string[];
  readonly git: readonly string[];
}

/** Everything that setup fetches for the agents of a team. What several agents have is fetched once. */
export function fetchedOf(
  agents: readonly ResolvedAgent[],
  options: ResolvedOptions,
): readonly FetchedSpec[] {
  const all = agents.flatMap((agent) => {
    const field = agent.role === 'lead' ? 'lead' : `teammates[${agent.name}]`;
    return [
      ...agent.skills.flatMap((skill, index) =>
        fetchedSkill(skill, `${field}.skills[${index}].source`, [
          ...(agent.environment.imagePullSecrets ?? []),
          ...(options.pods.imagePullSecrets ?? []),
        ]),
      ),
      ...agent.plugins.map((plugin, index) => fetchedPlugin(plugin, `${field}.plugins[${index}]`)),
    ];
  });
  const byId = new Map<string, FetchedSpec>();
  for (const one of all) {
    const earlier = byId.get(one.id);
    byId.set(one.id, earlier === undefined ? one : withCredentials(earlier, one));
  }
  return [...byId.values()];
}

/** Of two agents with the same source, one alone may name its Secret. */
function withCredentials(one: FetchedSpec, { from }: FetchedSpec): FetchedSpec {
  if (one.from.kind === 'oci' && from.kind === 'oci') {
    const pullSecrets = [...new Set([...one.from.pullSecrets, ...from.pullSecrets])];
    return { ...one, from: { ...one.from, pullSecrets } };
  }
  return { ...one, from: { ...from, ...one.from } as FetchedSpec['from'] };
}

export function fetchSecrets(fetched: readonly FetchedSpec[]): FetchSecrets {
  const names = (list: readonly string[]) => [...new Set(list)];
  return {
    registry: names(fetched.flatMap(({ from }) => (from.kind === 'oci' ? from.pullSecrets : []))),
    git: names(
      fetched.flatMap(({ from }) =>
        from.kind === 'git' && from.credentialsSecret !== undefined ? [from.credentialsSecret] : [],
      ),
    ),
  };
}

function fetchedSkill(
  { name, source }: Skill,
  field: string,
  pullSecretsOfPod: readonly string[],
): readonly FetchedSpec[] {
  const { oci, git, imagePullSecrets = [] } = source;
  const id = skillId(source);
  if (id === undefined) return [];
  const common = { id, kind: 'skill' as const, name, ...limitsOf(source) };
  if (git !== undefined) return [{ ...common, field: `${field}.git`, from: gitSource(git) }];
  const pullSecrets = [...new Set([...imagePullSecrets, ...pullSecretsOfPod])];
  const from = { kind: 'oci', reference: oci ?? '', pullSecrets } as const;
  return [{ ...common, field: `${field}.oci`, from }];
}

function fetchedPlugin(plugin: Plugin, field: string): FetchedSpec {
  const { name, settings } = plugin;
  return {
    id: pluginId(plugin),
    kind: 'plugin',
    name,
    field,
    ...limitsOf(plugin),
    from: pluginSource(plugin),
    ...(settings === 'all' && { settings }),
  };
}

function limitsOf({ timeout = '', maxSize }: Limits) {
  return {
    timeoutSeconds: parseDuration(timeout) ?? TIMEOUT_SECONDS,
    maxBytes: maxSize === undefined ? MAX_BYTES : parseSize(maxSize),
  };
}
