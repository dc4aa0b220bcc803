import type { WorkflowSpec } from '@agentteam/argo';
import type { ResolvedOptions } from '../resolve/options.ts';

/**
 * The cluster's settings for all pods of a team.
 * @param labels the compiler's own labels, which take precedence over `podLabels`.
 */
export function placement(
  { pods }: ResolvedOptions,
  labels: Readonly<Record<string, string>>,
): Partial<WorkflowSpec> {
  const { nodeSelector, tolerations, affinity, imagePullSecrets, podLabels, podAnnotations } = pods;
  const { priorityClassName, runtimeClassName } = pods;
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
    // Argo has no field of its own for the runtime class.
    ...(runtimeClassName !== undefined && { podSpecPatch: JSON.stringify({ runtimeClassName }) }),
  };
}
