import type { NodeStatus, Workflow } from '@agentteam/argo';
import { ANNOTATIONS, GATE_PREFIX } from '@agentteam/contract';
import type { KubeObject, ObjectMeta } from '../kube/objects.ts';
import { type Nodes, pack, readNodes, unpack } from './nodes.ts';

type Template = NonNullable<Workflow['spec']['templates']>[number];
type WorkflowStatus = NonNullable<Workflow['status']>;

/**
 * A Workflow as the controller keeps it: with little of the spec, without the copies of templates that Argo holds in
 * its status, and its nodes' inputs, which are most of its size (a hundred kilobytes and more for one
 * team).
 */
export interface StoredWorkflow extends KubeObject {
  /** Of the spec, the gates that do not wait for ever: by their limits it is told how they ended. */
  readonly spec: { readonly templates: readonly Pick<Template, 'name' | 'suspend'>[] };
  readonly shutdown?: string;
  /** By event of a restricted gate: the hash that the step behind it compares the proof with. */
  readonly guards: Readonly<Record<string, string>>;
  readonly status?: Pick<
    WorkflowStatus,
    'phase' | 'message' | 'startedAt' | 'finishedAt' | 'nodes'
  >;
  /** Argo keeps the nodes of a large Workflow gzipped in `compressedNodes`: these. */
  readonly packed?: string;
  /** Argo keeps the nodes of a very large one in its database: the version of them there. */
  readonly offloaded?: string;
  /** Why the object does not show its nodes. Then there are none in `status`. */
  readonly hidden?: Hidden;
}

/** Nodes that are somewhere else, or that nobody could make sense of. */
export interface Hidden {
  readonly reason: 'NodesOffloaded' | 'NodesUnreadable';
  readonly message: string;
}

export function storeWorkflow(object: KubeObject): StoredWorkflow {
  const { apiVersion, kind, metadata, spec, status } = object as KubeObject &
    Pick<Workflow, 'spec' | 'status'>;
  const shutdown = spec?.shutdown;
  const { nodes, hidden } = nodesOf(status);
  return {
    apiVersion,
    kind,
    metadata: keptMetadata(metadata),
    spec: { templates: limitedGates(spec) },
    guards: guardsIn(spec),
    ...(shutdown !== undefined && { shutdown }),
    ...(status !== undefined && { status: { ...keptStatus(status), ...(nodes && { nodes }) } }),
    ...(status?.compressedNodes && { packed: status.compressedNodes }),
    ...(status?.offloadNodeStatusVersion && { offloaded: status.offloadNodeStatusVersion }),
    ...(hidden !== undefined && { hidden }),
  };
}

function limitedGates(spec: Workflow['spec'] | undefined): StoredWorkflow['spec']['templates'] {
  return (spec?.templates ?? []).flatMap(({ name, suspend }) =>
    suspend?.duration === undefined || name === undefined
      ? []
      : [{ name, suspend: { duration: suspend.duration } }],
  );
}

/** As the compiler writes them. */
const GUARD = /tasks\['([\w-]+)'\].* == '([0-9a-f]{64})'\}\}$/;

function guardsIn(spec: Workflow['spec'] | undefined): StoredWorkflow['guards'] {
  const tasks = (spec?.templates ?? []).flatMap(({ dag }) => dag?.tasks ?? []);
  return Object.fromEntries(
    tasks.flatMap(({ when = '' }) => {
      const [, gate = '', hash = ''] = GUARD.exec(when) ?? [];
      return gate.startsWith(GATE_PREFIX) ? [[gate.slice(GATE_PREFIX.length), hash]] : [];
    }),
  );
}

function keptMetadata(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, uid, resourceVersion, labels, annotations, ownerReferences } = metadata;
  const ours = [ANNOTATIONS.generation, ANNOTATIONS.spec].flatMap((name) => {
    const value = annotations?.[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(labels !== undefined && { labels }),
    ...(ours.length > 0 && { annotations: Object.fromEntries(ours) }),
    ...(ownerReferences !== undefined && { ownerReferences }),
  };
}

function keptStatus({ phase, message, startedAt, finishedAt }: WorkflowStatus) {
  return {
    ...(phase !== undefined && { phase }),
    ...(message !== undefined && { message }),
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
  };
}

function nodesOf({ compressedNodes, nodes, offloadNodeStatusVersion }: WorkflowStatus = {}): {
  readonly nodes?: Nodes;
  readonly hidden?: Hidden;
} {
  if (offloadNodeStatusVersion) {
    const message = 'Argo keeps the steps of this Workflow in its database (nodeStatusOffLoad).';
    return { hidden: { reason: 'NodesOffloaded', message } };
  }
  try {
    const found = compressedNodes ? unpack(compressedNodes) : nodes;
    return found == null ? {} : { nodes: readNodes(found) };
  } catch (error) {
    const message = `The steps of this Workflow cannot be read: ${(error as Error).message}.`;
    return { hidden: { reason: 'NodesUnreadable', message } };
  }
}

/** One of the two, as the Workflow has its nodes. */
interface NodePatch {
  readonly metadata: { readonly resourceVersion: string | undefined };
  readonly status: { readonly nodes?: Nodes; readonly compressedNodes?: string };
}

/**
 * A merge patch that changes one node and nothing else, refused with 409 when the Workflow has
 * changed since it was read: Argo, a person at the UI and this controller may all answer one gate.
 */
export function nodePatch({ metadata, packed }: StoredWorkflow, node: NodeStatus): NodePatch {
  const { resourceVersion } = metadata;
  if (packed === undefined) {
    return { metadata: { resourceVersion }, status: { nodes: { [node.id]: node } } };
  }
  const nodes = unpack(packed);
  const compressedNodes = pack({ ...nodes, [node.id]: { ...nodes[node.id], ...node } });
  return { metadata: { resourceVersion }, status: { compressedNodes } };
}

/** The Workflow after that patch, with the metadata that the server gave it. */
export function withNode(
  workflow: StoredWorkflow,
  node: NodeStatus,
  { status: { compressedNodes } }: NodePatch,
  metadata: ObjectMeta,
): StoredWorkflow {
  const { status } = workflow;
  return {
    ...workflow,
    metadata: keptMetadata(metadata),
    status: { ...status, nodes: { ...status?.nodes, [node.id]: node } },
    ...(compressedNodes !== undefined && { packed: compressedNodes }),
  };
}

/** The Workflow after it was asked to end. */
export function withShutdown(
  workflow: StoredWorkflow,
  shutdown: string,
  metadata: ObjectMeta,
): StoredWorkflow {
  return { ...workflow, metadata: keptMetadata(metadata), shutdown };
}
