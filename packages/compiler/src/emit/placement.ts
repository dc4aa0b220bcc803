import type { WorkflowSpec } from '@agentteam/argo';
import type { ResolvedOptions } from '../resolve/options.ts';

/**
 * Where a team's pods run and what the cluster's administrators want of each.
 * @param labels our own, which no other of the same name replaces.
 */
export function placement(
  options: ResolvedOptions,
  labels: Readonly<Record<string, string>>,
): Partial<WorkflowSpec> {
  const { nodeSelector, tolerations, affinity, imagePullSecrets, podLabels, podAnnotations } =
    options;
  const { priorityClassName, runtimeClassName } = options;
  return {
    podMetadata: {
      labels: { ...podLabels, ...labels },
      ...(podAnnotations && { annotations: { ...podAnnotations } }),
    },
    ...(imagePullSecrets && { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
    ...(nodeSelector && { nodeSelector: { ...nodeSelector } }),
    ...(tolerations && { tolerations: [...tolerations] }),
    ...(affinity && { affinity }),
    ...(priorityClassName !== undefined && { podPriorityClassName: priorityClassName }),
    // Argo has no field of its own for it.
    ...(runtimeClassName !== undefined && { podSpecPatch: JSON.stringify({ runtimeClassName }) }),
  };
}
