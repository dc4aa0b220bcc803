import { gunzipSync } from 'node:zlib';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import type { KubeObject } from '../kube/objects.ts';

/**
 * A Workflow as the controller keeps it: without the spec and the copies of templates that Argo
 * holds in its status, which are most of its size (a hundred kilobytes and more for one team).
 */
export interface StoredWorkflow extends KubeObject {
  readonly shutdown?: string;
  readonly status?: Workflow['status'];
  /** Set when the nodes are kept in Argo's database and this object does not have them. */
  readonly offloaded?: boolean;
}

/** At most this much is unpacked of `compressedNodes`, whatever it claims to hold. */
const MAX_NODES_BYTES = 64 << 20;

export function storeWorkflow(object: KubeObject): StoredWorkflow {
  const workflow = object as KubeObject & Pick<Workflow, 'spec' | 'status'>;
  const { name, namespace, uid, resourceVersion, labels, annotations, ownerReferences } =
    workflow.metadata;
  const { storedTemplates: _t, storedWorkflowTemplateSpec: _s, ...status } = workflow.status ?? {};
  const nodes = nodesOf(status);
  return {
    apiVersion: workflow.apiVersion,
    kind: workflow.kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
      ...(ownerReferences !== undefined && { ownerReferences }),
    },
    ...(workflow.spec?.shutdown !== undefined && { shutdown: workflow.spec.shutdown }),
    ...(workflow.status !== undefined && {
      status: { ...status, ...(nodes !== undefined && { nodes }) },
    }),
    ...(status.offloadNodeStatusVersion !== undefined && { offloaded: true }),
  };
}

/** The nodes of a status, unpacked when Argo has packed them to stay under etcd's limit. */
function nodesOf(status: NonNullable<Workflow['status']>): Record<string, NodeStatus> | undefined {
  if (!status.compressedNodes) return status.nodes;
  const packed = Buffer.from(status.compressedNodes, 'base64');
  const json = gunzipSync(packed, { maxOutputLength: MAX_NODES_BYTES }).toString('utf8');
  return JSON.parse(json) as Record<string, NodeStatus>;
}
