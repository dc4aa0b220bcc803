import type { Affinity, Template, Toleration, WorkflowSpec } from '@agentteam/argo';
import type { ResolvedAgent } from '../resolve/agents.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';

/**
 * The cluster's settings for all pods of a team, and the pull secrets that its environments name.
 * @param labels the compiler's own labels, which take precedence over `podLabels`.
 */
export function placement(
  { pods }: ResolvedOptions,
  { agents }: ResolvedTeam,
  labels: Readonly<Record<string, string>>,
): Partial<WorkflowSpec> {
  const { nodeSelector, tolerations, affinity, podLabels, podAnnotations } = pods;
  const { priorityClassName, runtimeClassName } = pods;
  // Argo has no pull secrets for single pods.
  const pullSecrets = new Set([
    ...(pods.imagePullSecrets ?? []),
    ...agents.flatMap(({ environment }) => environment.imagePullSecrets ?? []),
  ]);
  return {
    podMetadata: {
      labels: { ...podLabels, ...labels },
      ...(podAnnotations && { annotations: { ...podAnnotations } }),
    },
    ...(pullSecrets.size > 0 && { imagePullSecrets: [...pullSecrets].map((name) => ({ name })) }),
    ...(nodeSelector && { nodeSelector: { ...nodeSelector } }),
    ...(tolerations && { tolerations: [...tolerations] }),
    ...(affinity && { affinity }),
    ...(priorityClassName !== undefined && { podPriorityClassName: priorityClassName }),
    // Argo has no field of its own for the runtime class.
    ...(runtimeClassName !== undefined && { podSpecPatch: JSON.stringify({ runtimeClassName }) }),
  };
}

/**
 * Where an agent's pod runs. A field of a template replaces that of the Workflow, so the cluster's settings that
 * still apply are repeated.
 * Source: addSchedulingConstraints, Argo Workflows 4.1.2.
 */
export function agentPlacement(
  { environment }: ResolvedAgent,
  { pods }: ResolvedOptions,
): Partial<Template> {
  const { nodeSelector, tolerations, affinity, priorityClassName, runtimeClassName } = environment;
  return {
    ...(nodeSelector && { nodeSelector: { ...pods.nodeSelector, ...nodeSelector } }),
    ...(tolerations && {
      tolerations: [...(pods.tolerations ?? []), ...(tolerations as readonly Toleration[])],
    }),
    ...(affinity && { affinity: affinity as Affinity }),
    ...(priorityClassName !== undefined && { priorityClassName }),
    // Argo applies it after the patch of the Workflow, so that this class wins.
    ...(runtimeClassName !== undefined && { podSpecPatch: JSON.stringify({ runtimeClassName }) }),
  };
}
