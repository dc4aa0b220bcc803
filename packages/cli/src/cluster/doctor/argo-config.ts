import { CoreV1Api } from '@kubernetes/client-node';
import { parse } from 'yaml';
import type { Connection } from '../connection/connection.ts';
import { type Deployments, findArgo } from './deployments.ts';
import { ask } from './finding.ts';

const CONFIG_MAP = 'workflow-controller-configmap';

/** The settings of Argo's controller, as far as this caller can see them. */
export type ArgoConfig =
  | { readonly is: 'there'; readonly where: string; readonly data: Data }
  /** Its ConfigMap may not be read. */
  | { readonly is: 'hidden'; readonly where: string }
  /** The controller itself is not seen. */
  | { readonly is: 'unseen'; readonly where: string };

type Data = Readonly<Record<string, string>>;

/** Reads Argo's ConfigMap; one that is not there has no settings. */
export async function readArgoConfig(
  { config }: Connection,
  deployments: Deployments,
): Promise<ArgoConfig> {
  const argo = findArgo(deployments);
  const home = argo?.deployment.metadata?.namespace;
  if (argo === undefined || home === undefined) return { is: 'unseen', where: CONFIG_MAP };
  const name = nameOf([...(argo.container.command ?? []), ...(argo.container.args ?? [])]);
  const where = `${home}/${name}`;
  const core = config.makeApiClient(CoreV1Api);
  const read = await ask(core.readNamespacedConfigMap({ namespace: home, name }));
  if (read.is === 'hidden') return { is: 'hidden', where };
  return { is: 'there', where, data: read.is === 'there' ? (read.value.data ?? {}) : {} };
}

/** The ConfigMap that Argo's controller was told to read. */
function nameOf(words: readonly string[]): string {
  const said = words.flatMap((word, at) => {
    if (word === '--configmap') return words[at + 1] ?? [];
    return word.startsWith('--configmap=') ? word.slice('--configmap='.length) : [];
  });
  return said.at(-1) ?? CONFIG_MAP;
}

/** A setting. Argo takes each under a key of its own, or all of them under `config`. */
export function settingOf<T>(data: Data, key: string): T | undefined {
  try {
    const all = parse(data['config'] ?? '') as Readonly<Record<string, T>> | null;
    return all?.[key] ?? (parse(data[key] ?? '') as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}
