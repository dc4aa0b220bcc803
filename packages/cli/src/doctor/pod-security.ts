import { CoreV1Api } from '@kubernetes/client-node';
import { parse } from 'yaml';
import type { Connection } from '../kube/connection.ts';
import { type Deployments, findArgo } from './deployments.ts';
import { ask, type Finding, failed, ok, unknown } from './finding.ts';

const CHECK = 'pod security';
/** Label by which a namespace lets no pod in that does not hold to a Pod Security Standard. */
const ENFORCED = 'pod-security.kubernetes.io/enforce';
const CONFIG_MAP = 'workflow-controller-configmap';

interface ExecutorConfig {
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: unknown;
    readonly capabilities?: { readonly drop?: unknown };
  };
}

/**
 * Whether pods of teams are let into a namespace that enforces the standard `restricted`. Our containers
 * hold to it; those that Argo adds do where its ConfigMap says so. Nothing for any other namespace.
 */
export async function examinePodSecurity(
  { config, namespace }: Connection,
  deployments: Deployments,
): Promise<readonly Finding[]> {
  const core = config.makeApiClient(CoreV1Api);
  const asked = await ask(core.readNamespace({ name: namespace }));
  if (asked.is !== 'there') return [];
  if (asked.value.metadata?.labels?.[ENFORCED] !== 'restricted') return [];
  const enforces = `${namespace} enforces the Pod Security Standard restricted`;
  const argo = findArgo(deployments);
  const home = argo?.deployment.metadata?.namespace;
  if (argo === undefined || home === undefined) {
    return [unknown(CHECK, `${enforces}; Argo's configuration is not seen`, remedy(CONFIG_MAP))];
  }
  const name = configMapOf([...(argo.container.command ?? []), ...(argo.container.args ?? [])]);
  const read = await ask(core.readNamespacedConfigMap({ namespace: home, name }));
  const where = `${home}/${name}`;
  if (read.is === 'hidden') {
    return [unknown(CHECK, `${enforces}; you may not read ConfigMap ${where}`, remedy(where))];
  }
  if (read.is === 'there' && isRestricted(executorOf(read.value.data ?? {}))) {
    return [ok(CHECK, `${enforces}, and so do Argo's containers`)];
  }
  return [failed(CHECK, `${enforces}, which Argo's own containers break`, remedy(where))];
}

function remedy(configMap: string): string {
  return `Add to the text under "executor" in Argo's ConfigMap ${configMap}: securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}`;
}

/** The ConfigMap that Argo's controller was told to read. */
function configMapOf(words: readonly string[]): string {
  const said = words.flatMap((word, at) => {
    if (word === '--configmap') return words[at + 1] ?? [];
    return word.startsWith('--configmap=') ? word.slice('--configmap='.length) : [];
  });
  return said.at(-1) ?? CONFIG_MAP;
}

/** Argo takes each setting under a key of its own, or all of them under `config`. */
function executorOf(data: Readonly<Record<string, string>>): ExecutorConfig | undefined {
  try {
    const all = parse(data['config'] ?? '') as { readonly executor?: ExecutorConfig } | null;
    return all?.executor ?? (parse(data['executor'] ?? '') as ExecutorConfig | null) ?? undefined;
  } catch {
    return undefined;
  }
}

function isRestricted(executor: ExecutorConfig | undefined): boolean {
  const { allowPrivilegeEscalation, capabilities } = executor?.securityContext ?? {};
  const { drop } = capabilities ?? {};
  return allowPrivilegeEscalation === false && Array.isArray(drop) && drop.includes('ALL');
}
