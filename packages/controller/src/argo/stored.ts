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
  /** Why the object does not show its nodes. Then there are none in `status`. */
  readonly hidden?: Hidden;
}

/** Nodes that are somewhere else, or that nobody could make sense of. */
export interface Hidden {
  readonly reason: 'NodesOffloaded' | 'NodesUnreadable';
  readonly message: string;
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
    nodes: _nodes,
    ...status
  } = workflow.status ?? {};
  const { nodes, hidden } = nodesOf(workflow.status);
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
    ...(hidden !== undefined && { hidden }),
  };
}

type Nodes = Readonly<Record<string, NodeStatus>>;

function nodesOf({
  compressedNodes,
  nodes,
  offloadNodeStatusVersion,
}: NonNullable<Workflow['status']> = {}): { readonly nodes?: Nodes; readonly hidden?: Hidden } {
  if (offloadNodeStatusVersion) {
    const message = 'Argo keeps the steps of this Workflow in its database (nodeStatusOffLoad).';
    return { hidden: { reason: 'NodesOffloaded', message } };
  }
  try {
    const found = compressedNodes ? unpack(compressedNodes) : nodes;
    if (found === undefined || found === null) return {};
    const bad = Object.entries(found).find(([id, node]) => !isNode(id, node));
    if (bad === undefined) return { nodes: found };
    throw new Error(`status.nodes["${bad[0]}"] is no node`);
  } catch (error) {
    const message = `The steps of this Workflow cannot be read: ${(error as Error).message}.`;
    return { hidden: { reason: 'NodesUnreadable', message } };
  }
}

/** Whoever may write a Workflow may write anything into it: as much is asked as is relied upon. */
function isNode(id: string, value: unknown): value is NodeStatus {
  const node = value as Partial<Record<keyof NodeStatus, unknown>> | null;
  if (typeof node !== 'object' || node === null || node.id !== id) return false;
  const texts = [node.name, node.displayName, node.type, node.phase, node.message];
  const { children = [], outputs } = node;
  const { parameters = [] } = (outputs ?? {}) as { readonly parameters?: unknown };
  return (
    texts.every((text) => text === undefined || typeof text === 'string') &&
    Array.isArray(children) &&
    Array.isArray(parameters) &&
    parameters.every((parameter) => typeof parameter === 'object' && parameter !== null)
  );
}

function unpack(compressed: string): Nodes {
  const bytes = Buffer.from(compressed, 'base64');
  const json = gunzipSync(bytes, { maxOutputLength: MAX_NODES_BYTES }).toString('utf8');
  return JSON.parse(json) as Nodes;
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

function pack(nodes: Nodes): string {
  return gzipSync(JSON.stringify(nodes)).toString('base64');
}
