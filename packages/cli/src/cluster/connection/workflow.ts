import { gunzipSync } from 'node:zlib';
import type { Workflow } from '@agentteam/argo';
import type { Resource } from './custom-objects.ts';

export const WORKFLOWS: Resource = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'workflows',
};

/** Maximum size of the uncompressed nodes. */
const MAX_BYTES = 64 << 20;

/** Restores `status.nodes`, which Argo compresses in a large Workflow. */
export function unpacked(workflow: Workflow): Workflow {
  const { compressedNodes, ...status } = workflow.status ?? {};
  if (!compressedNodes) return workflow;
  const bytes = gunzipSync(Buffer.from(compressedNodes, 'base64'), { maxOutputLength: MAX_BYTES });
  return { ...workflow, status: { ...status, nodes: JSON.parse(bytes.toString('utf8')) } };
}

/** A placeholder for a Workflow that does not exist yet. */
export function absentWorkflow(name: string): Workflow {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name },
    spec: {},
  };
}
