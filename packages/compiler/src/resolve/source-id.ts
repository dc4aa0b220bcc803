import type { Plugin, Skill } from '@agentteam/api';
import type { GitSource } from '@agentteam/contract';
import { digest } from '@agentteam/text';

type Source = Skill['source'];

/** Directory of a skill in `VOLUME.fetched`; undefined for one from a ConfigMap. */
export function skillId({ oci, git }: Source): string | undefined {
  if (oci !== undefined) return digest(JSON.stringify(['oci', oci]));
  return git === undefined
    ? undefined
    : digest(JSON.stringify(['git', git.url, git.ref, git.path]));
}

/** Directory of a plugin in `VOLUME.fetched`. */
export function pluginId(plugin: Plugin): string {
  const { name, settings, marketplace } = plugin;
  return digest(JSON.stringify(['plugin', name, settings, marketplace.url, marketplace.commit]));
}

export function pluginSource({ marketplace: { commit, ...repository } }: Plugin): GitSource {
  return gitSource({ ...repository, ref: commit });
}

export function gitSource({
  url,
  ref,
  path,
  credentialsSecret,
}: NonNullable<Source['git']>): GitSource {
  return {
    kind: 'git',
    url,
    ref,
    ...(path !== undefined && { path }),
    ...(credentialsSecret !== undefined && { credentialsSecret }),
  };
}
