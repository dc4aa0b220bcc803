import type { AgentTeam } from '@agentteam/api';
import { isRecord } from '@agentteam/contract';
import type { Problem } from '../../problem.ts';
import { environmentsOf } from '../environment/environment.ts';

/** Checks the affinities of environments, whose form no schema of ours limits. */
export function checkAffinity(team: AgentTeam): readonly Problem[] {
  return environmentsOf(team).flatMap(({ environment: { affinity }, path }) =>
    affinity === undefined
      ? []
      : [...checkBraces(affinity, path), ...checkNamespaces(affinity, path)],
  );
}

function checkBraces(affinity: object, path: Problem['path']): readonly Problem[] {
  if (!JSON.stringify(affinity).includes('{{')) return [];
  return [
    {
      code: 'wrong-form',
      path: [...path, 'affinity'],
      message: 'an affinity cannot contain `{{`, which Argo would evaluate',
      hint: 'remove the braces; a rule compares labels with plain values',
    },
  ];
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

/**
 * The scheduler applies a required anti-affinity of a running pod to every new pod that it matches. Over namespaces, a
 * team could so keep the pods of others from nodes, or from a whole cluster with a `topologyKey` that all nodes share.
 * Source: satisfyExistingPodsAntiAffinity in pkg/scheduler/framework/plugins/interpodaffinity of Kubernetes.
 */
function checkNamespaces(
  { podAntiAffinity }: { readonly podAntiAffinity?: unknown },
  path: Problem['path'],
): readonly Problem[] {
  const terms = isRecord(podAntiAffinity) ? podAntiAffinity[REQUIRED] : undefined;
  if (!Array.isArray(terms)) return [];
  return terms.flatMap((term: unknown, index) =>
    ['namespaces', 'namespaceSelector']
      .filter((field) => isRecord(term) && !isNothing(term[field]))
      .map((field) => ({
        code: 'other-namespaces',
        path: [...path, 'affinity', 'podAntiAffinity', REQUIRED, index, field],
        message: `a required anti-affinity cannot name namespaces, because Kubernetes would also keep their pods away from the team's`,
        hint: `remove ${field}; the rule then applies to pods of the team's namespace. Or use preferredDuringSchedulingIgnoredDuringExecution`,
      })),
  );
}

/** Whether Kubernetes reads a value as if the field was absent. An empty selector stands for all namespaces. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
