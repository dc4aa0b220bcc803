import { CoreV1Api } from '@kubernetes/client-node';
import { parse } from 'yaml';
import type { Connection } from '../connection/connection.ts';
import { type Deployments, findArgo } from './deployments.ts';
import { lookUp } from './finding.ts';

const CONFIG_MAP = 'workflow-controller-configmap';

/** The settings of Argo's controller. `name` is the name of its ConfigMap. */
export type ArgoConfig =
  | { readonly state: 'found'; readonly name: string; readonly data: Data }
  /** The caller may not read the ConfigMap. */
  | { readonly state: 'forbidden'; readonly name: string }
  /** The caller cannot see the controller, or it is not installed. */
  | { readonly state: 'no-controller'; readonly name: string };

type Data = Readonly<Record<string, string>>;

/** Reads Argo's ConfigMap. A ConfigMap that does not exist has no settings. */
export async function readArgoConfig(
  { config }: Connection,
  deployments: Deployments,
): Promise<ArgoConfig> {
  const argo = findArgo(deployments);
  const home = argo?.deployment.metadata?.namespace;
  if (argo === undefined || home === undefined) return { state: 'no-controller', name: CONFIG_MAP };
  const args = [...(argo.container.command ?? []), ...(argo.container.args ?? [])];
  const configMap = configMapName(args);
  const name = `${home}/${configMap}`;
  const core = config.makeApiClient(CoreV1Api);
  const read = await lookUp(core.readNamespacedConfigMap({ namespace: home, name: configMap }));
  if (read.state === 'forbidden') return { state: 'forbidden', name };
  return { state: 'found', name, data: read.state === 'found' ? (read.value.data ?? {}) : {} };
}

/** The ConfigMap in the arguments of Argo's controller. */
function configMapName(args: readonly string[]): string {
  const names = args.flatMap((arg, at) => {
    if (arg === '--configmap') return args[at + 1] ?? [];
    return arg.startsWith('--configmap=') ? arg.slice('--configmap='.length) : [];
  });
  return names.at(-1) ?? CONFIG_MAP;
}

/** Reads a setting. Argo accepts each under its own key, or all of them under `config`. */
export function settingOf<T>(data: Data, key: string): T | undefined {
  try {
    const all = parse(data['config'] ?? '') as Readonly<Record<string, T>> | null;
    return all?.[key] ?? (parse(data[key] ?? '') as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}
