import { gunzipSync } from 'node:zlib';
import type { Workflow } from '@agentteam/argo';
import { type Nodes, unpackNodes } from '@agentteam/status';
import type { Resource } from './custom-objects.ts';

export const WORKFLOWS: Resource = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'workflows',
};

/**
 * Restores `status.nodes`, which Argo compresses in a large Workflow.
 * @throws Error when Argo cannot have written the compressed nodes.
 */
export function unpacked(workflow: Workflow): Workflow {
  const { compressedNodes, ...status } = workflow.status ?? {};
  if (!compressedNodes) return workflow;
  const nodes = unpackNodes(compressedNodes, (base64, maxOutputLength) =>
    gunzipSync(Buffer.from(base64, 'base64'), { maxOutputLength }).toString('utf8'),
  );
  return { ...workflow, status: { ...status, nodes: nodes as Nodes } };
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
