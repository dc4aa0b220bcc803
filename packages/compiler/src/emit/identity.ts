import type { Template } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';

/** Containers that Argo adds to a pod. */
const ARGO_CONTAINERS = ['init', 'wait', 'supervisor'];

/**
 * Runs a pod under a service account whose cloud identity only the gateway gets. The webhooks of Amazon EKS and
 * Azure put the identity's token into every container of such a pod, except those that an annotation names. The
 * API server's own token is in none: `automountServiceAccountToken` is false for the whole Workflow.
 * Sources: getPodSpecPatch in github.com/aws/amazon-eks-pod-identity-webhook, and mutateContainers in
 * github.com/Azure/azure-workload-identity.
 */
export function withIdentity(template: Template, account: string | undefined): Template {
  if (account === undefined) return template;
  const { initContainers = [], sidecars = [], metadata } = template;
  const own = [...initContainers, ...sidecars].map(({ name }) => name);
  const skipped = [...ARGO_CONTAINERS, CONTAINERS.main, ...own].filter(
    (name) => name !== CONTAINERS.gateway,
  );
  return {
    ...template,
    serviceAccountName: account,
    metadata: {
      ...metadata,
      // Azure's webhook handles only pods with this label.
      labels: { ...metadata?.labels, 'azure.workload.identity/use': 'true' },
      annotations: {
        ...metadata?.annotations,
        'eks.amazonaws.com/skip-containers': skipped.join(','),
        'azure.workload.identity/skip-containers': skipped.join(';'),
      },
    },
  };
}
