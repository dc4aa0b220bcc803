import type { Plugin, Skill } from '@agentteam/api';
import type { FetchedSpec, GitSource } from '@agentteam/contract';
import { digest } from '@agentteam/text';
import type { ResolvedAgent } from './agents.ts';
import { parseDuration } from './duration.ts';
import type { ResolvedOptions } from './options.ts';
import { parseSize } from './size.ts';

/** Limits of sources that set none. */
const TIMEOUT_SECONDS = 120;
const MAX_BYTES = 50 * 1024 ** 2;

type Source = Skill['source'];
type Limits = Pick<Source, 'timeout' | 'maxSize'>;

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
        fetchedSkill(skill, `${field}.skills[${index}].source`, options),
      ),
      ...agent.plugins.map((plugin, index) => fetchedPlugin(plugin, `${field}.plugins[${index}]`)),
    ];
  });
  return [...new Map(all.map((one) => [one.id, one])).values()];
}

/** Directory of a skill in `VOLUME.fetched`; undefined for one from a ConfigMap. */
export function skillId({ oci, git }: Source): string | undefined {
  if (oci !== undefined) return digest(JSON.stringify(['oci', oci]));
  return git === undefined ? undefined : digest(JSON.stringify(['git', gitSource(git)]));
}

/** Directory of a plugin in `VOLUME.fetched`. */
export function pluginId(plugin: Plugin): string {
  return digest(JSON.stringify(['plugin', plugin.name, plugin.settings, pluginSource(plugin)]));
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
  { pods }: ResolvedOptions,
): readonly FetchedSpec[] {
  const { oci, git, imagePullSecrets = [] } = source;
  const id = skillId(source);
  if (id === undefined) return [];
  const common = { id, kind: 'skill' as const, name, ...limitsOf(source) };
  if (git !== undefined) return [{ ...common, field: `${field}.git`, from: gitSource(git) }];
  const pullSecrets = [...new Set([...imagePullSecrets, ...(pods.imagePullSecrets ?? [])])];
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

function pluginSource({ marketplace: { commit, ...repository } }: Plugin): GitSource {
  return gitSource({ ...repository, ref: commit });
}

function limitsOf({ timeout = '', maxSize }: Limits) {
  return {
    timeoutSeconds: parseDuration(timeout) ?? TIMEOUT_SECONDS,
    maxBytes: maxSize === undefined ? MAX_BYTES : parseSize(maxSize),
  };
}

function gitSource({ url, ref, path, credentialsSecret }: NonNullable<Source['git']>): GitSource {
  return {
    kind: 'git',
    url,
    ref,
    ...(path !== undefined && { path }),
    ...(credentialsSecret !== undefined && { credentialsSecret }),
  };
}
