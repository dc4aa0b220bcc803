import { gunzipSync } from 'node:zlib';
import type { Workflow } from '@agentteam/argo';
import type { Resource } from './custom-objects.ts';

export const WORKFLOWS: Resource = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'workflows',
};

/** At most this much is unpacked of `compressedNodes`, whatever it claims to hold. */
const MOST_BYTES = 64 << 20;

/** A Workflow with its nodes where they belong: Argo keeps those of a large one gzipped. */
export function unpacked(workflow: Workflow): Workflow {
  const { compressedNodes, ...status } = workflow.status ?? {};
  if (!compressedNodes) return workflow;
  const bytes = gunzipSync(Buffer.from(compressedNodes, 'base64'), { maxOutputLength: MOST_BYTES });
  return { ...workflow, status: { ...status, nodes: JSON.parse(bytes.toString('utf8')) } };
}

/** What stands for a Workflow that was not made yet. */
export function absentWorkflow(name: string): Workflow {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name },
    spec: {},
  };
}
