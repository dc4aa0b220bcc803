import type { Template } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';

/** Containers that Argo adds to a pod. */
const ARGO_CONTAINERS = ['init', 'wait', 'supervisor'];

/**
 * Runs a pod under a service account of the team's choice, without a token of it in any container. The webhooks of
 * Amazon EKS and Azure put the token of its cloud identity into every container of such a pod, except those that
 * an annotation names. The API server's own token is in none: `automountServiceAccountToken` is false for the
 * whole Workflow.
 * Sources: getPodSpecPatch in github.com/aws/amazon-eks-pod-identity-webhook, and mutateContainers in
 * github.com/Azure/azure-workload-identity.
 */
export function withServiceAccount(template: Template, account: string | undefined): Template {
  if (account === undefined) return template;
  const { initContainers = [], sidecars = [], metadata } = template;
  const own = [...initContainers, ...sidecars].map(({ name }) => name);
  const names = [...ARGO_CONTAINERS, CONTAINERS.main, ...own];
  return {
    ...template,
    serviceAccountName: account,
    metadata: {
      ...metadata,
      annotations: {
        ...metadata?.annotations,
        'eks.amazonaws.com/skip-containers': names.join(','),
        'azure.workload.identity/skip-containers': names.join(';'),
      },
    },
  };
}
