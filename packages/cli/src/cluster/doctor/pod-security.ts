import { CoreV1Api } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { type ArgoConfig, settingOf } from './argo-config.ts';
import { type Finding, failed, lookUp, ok, unknown } from './finding.ts';

const CHECK = 'pod security';
/** Label of a namespace that enforces a Pod Security Standard. */
const ENFORCED = 'pod-security.kubernetes.io/enforce';

interface ExecutorConfig {
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: unknown;
    readonly capabilities?: { readonly drop?: unknown };
  };
}

/**
 * Checks that a namespace which enforces the standard `restricted` accepts the pods of teams. Our
 * containers meet the standard; those that Argo adds meet it only if Argo's ConfigMap configures it.
 * Empty for other namespaces.
 */
export async function examinePodSecurity(
  { config, namespace }: Connection,
  argo: ArgoConfig,
): Promise<readonly Finding[]> {
  const core = config.makeApiClient(CoreV1Api);
  const found = await lookUp(core.readNamespace({ name: namespace }));
  if (found.state !== 'found') return [];
  if (found.value.metadata?.labels?.[ENFORCED] !== 'restricted') return [];
  const enforces = `${namespace} enforces the Pod Security Standard restricted`;
  const { name } = argo;
  if (argo.state === 'no-controller') {
    return [unknown(CHECK, `${enforces}; Argo's configuration is unknown`, remedy(name))];
  }
  if (argo.state === 'forbidden') {
    return [
      unknown(
        CHECK,
        `${enforces}; you do not have permission to read ConfigMap ${name}`,
        remedy(name),
      ),
    ];
  }
  if (isRestricted(settingOf(argo.data, 'executor'))) {
    return [ok(CHECK, `${enforces}, which Argo's containers meet`)];
  }
  return [failed(CHECK, `${enforces}, which Argo's containers do not meet`, remedy(name))];
}

function remedy(configMap: string): string {
  return `Add to the text under "executor" in Argo's ConfigMap ${configMap}: securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}`;
}

function isRestricted(executor: ExecutorConfig | undefined): boolean {
  const { allowPrivilegeEscalation, capabilities } = executor?.securityContext ?? {};
  const { drop } = capabilities ?? {};
  return allowPrivilegeEscalation === false && Array.isArray(drop) && drop.includes('ALL');
}
