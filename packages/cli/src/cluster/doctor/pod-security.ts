import { CoreV1Api } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { type ArgoConfig, settingOf } from './argo-config.ts';
import { ask, type Finding, failed, ok, unknown } from './finding.ts';

const CHECK = 'pod security';
/** Label by which a namespace lets no pod in that does not hold to a Pod Security Standard. */
const ENFORCED = 'pod-security.kubernetes.io/enforce';

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
  argo: ArgoConfig,
): Promise<readonly Finding[]> {
  const core = config.makeApiClient(CoreV1Api);
  const asked = await ask(core.readNamespace({ name: namespace }));
  if (asked.is !== 'there') return [];
  if (asked.value.metadata?.labels?.[ENFORCED] !== 'restricted') return [];
  const enforces = `${namespace} enforces the Pod Security Standard restricted`;
  const { where } = argo;
  if (argo.is === 'unseen') {
    return [unknown(CHECK, `${enforces}; Argo's configuration is not seen`, remedy(where))];
  }
  if (argo.is === 'hidden') {
    return [unknown(CHECK, `${enforces}; you may not read ConfigMap ${where}`, remedy(where))];
  }
  if (isRestricted(settingOf(argo.data, 'executor'))) {
    return [ok(CHECK, `${enforces}, and so do Argo's containers`)];
  }
  return [failed(CHECK, `${enforces}, which Argo's own containers break`, remedy(where))];
}

function remedy(configMap: string): string {
  return `Add to the text under "executor" in Argo's ConfigMap ${configMap}: securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}`;
}

function isRestricted(executor: ExecutorConfig | undefined): boolean {
  const { allowPrivilegeEscalation, capabilities } = executor?.securityContext ?? {};
  const { drop } = capabilities ?? {};
  return allowPrivilegeEscalation === false && Array.isArray(drop) && drop.includes('ALL');
}
