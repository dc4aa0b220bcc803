import { gunzipSync, gzipSync } from 'node:zlib';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import type { KubeObject } from '../kube/objects.ts';

/**
 * A Workflow as the controller keeps it: without the spec and the copies of templates that Argo
 * holds in its status, which are most of its size (a hundred kilobytes and more for one team).
 */
export interface StoredWorkflow extends KubeObject {
  readonly shutdown?: string;
  readonly status?: Workflow['status'];
  /** Argo keeps the nodes of a large Workflow gzipped in `compressedNodes`; here they are unpacked. */
  readonly packed?: boolean;
  /** Set when the nodes are kept in Argo's database and this object does not have them. */
  readonly offloaded?: boolean;
}

/** At most this much is unpacked of `compressedNodes`, whatever it claims to hold. */
const MAX_NODES_BYTES = 64 << 20;

export function storeWorkflow(object: KubeObject): StoredWorkflow {
  const workflow = object as KubeObject & Pick<Workflow, 'spec' | 'status'>;
  const { name, namespace, uid, resourceVersion, labels, annotations, ownerReferences } =
    workflow.metadata;
  const {
    storedTemplates: _templates,
    storedWorkflowTemplateSpec: _spec,
    compressedNodes,
    ...status
  } = workflow.status ?? {};
  const nodes = compressedNodes ? unpack(compressedNodes) : status.nodes;
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
    ...(compressedNodes && { packed: true }),
    ...(status.offloadNodeStatusVersion && { offloaded: true }),
  };
}

function unpack(compressed: string): Record<string, NodeStatus> {
  const bytes = Buffer.from(compressed, 'base64');
  const json = gunzipSync(bytes, { maxOutputLength: MAX_NODES_BYTES }).toString('utf8');
  return JSON.parse(json) as Record<string, NodeStatus>;
}

/**
 * A merge patch that changes one node and nothing else, refused with 409 when the Workflow has
 * changed since it was read: Argo, a person at the UI and this controller may all answer one gate.
 */
export function nodePatch(workflow: StoredWorkflow, node: NodeStatus): object {
  const { resourceVersion } = workflow.metadata;
  const nodes = workflow.packed ? { ...workflow.status?.nodes, [node.id]: node } : undefined;
  return {
    metadata: { resourceVersion },
    status: nodes === undefined ? { nodes: { [node.id]: node } } : { compressedNodes: pack(nodes) },
  };
}

function pack(nodes: Readonly<Record<string, NodeStatus>>): string {
  return gzipSync(JSON.stringify(nodes)).toString('base64');
}
