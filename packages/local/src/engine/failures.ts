import type { Workflow } from '@agentteam/argo';
import { hashOf, isFailure } from '../nodes.ts';

/** The one form of `workflow.failures` that no text in it can break: in base64, cut to so many bytes. */
export const FAILURES: RegExp = /^=sprig\.b64enc\(sprig\.trunc\((\d+), workflow\.failures\)\)$/;

export function encodedFailures(tag: string, workflow: Workflow): string | undefined {
  const [, most] = FAILURES.exec(tag) ?? [];
  if (most === undefined) return undefined;
  return Buffer.from(workflowFailures(workflow)).subarray(0, Number(most)).toString('base64');
}

/**
 * `workflow.failures`: the nodes that ended badly, as JSON in quotes (Argo quotes it, so that its
 * quotes survive the substitution; operator.go, operate). `null` when there are none, as Go has it.
 */
function workflowFailures({ metadata, status }: Workflow): string {
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
