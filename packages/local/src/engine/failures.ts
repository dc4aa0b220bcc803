import type { Workflow } from '@agentteam/argo';
import { hashOf, isFailure } from '../nodes.ts';

/**
 * `{{workflow.failures}}`: the nodes that ended badly, as JSON in quotes (Argo quotes it, so that its
 * quotes survive the substitution; operator.go, operate). `null` when there are none, as Go has it.
 */
export function workflowFailures({ metadata, status }: Workflow): string {
  const failures = Object.values(status?.nodes ?? {})
    .filter(isFailure)
    .map(({ name, displayName, message, templateName, phase, finishedAt }) => ({
      displayName,
      message: message ?? '',
      templateName,
      phase,
      podName: `${metadata.name}-${templateName}-${hashOf(name)}`,
      finishedAt: finishedAt ?? null,
    }));
  return JSON.stringify(JSON.stringify(failures.length === 0 ? null : failures));
}
