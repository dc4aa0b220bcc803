import type { Workflow } from '@agentteam/argo';
import { hashOf, isFailure } from '../nodes.ts';

/**
 * The only supported form of `workflow.failures`: truncated to a number of bytes and encoded in
 * base64, so that no text in it can break the Workflow.
 */
const FAILURES_TAG = /^=sprig\.b64enc\(sprig\.trunc\((\d+), workflow\.failures\)\)$/;

export function isFailuresTag(tag: string): boolean {
  return FAILURES_TAG.test(tag);
}

/** @returns undefined for any other tag. */
export function encodedFailures(tag: string, workflow: Workflow): string | undefined {
  const [, maxBytes] = FAILURES_TAG.exec(tag) ?? [];
  if (maxBytes === undefined) return undefined;
  return Buffer.from(workflowFailures(workflow)).subarray(0, Number(maxBytes)).toString('base64');
}

/**
 * The failed nodes as a JSON list, encoded once more as a JSON string: Argo quotes the list so that its
 * quotes survive the substitution (operator.go, operate). Without failures the list is `null`, which is
 * how Go encodes an empty slice.
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
