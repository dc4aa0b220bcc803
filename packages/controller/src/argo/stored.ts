import { AGENT_TEAM } from '@agentteam/api';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { ANNOTATIONS, GATE_PREFIX, isRecord } from '@agentteam/contract';
import { limitedGates, type Nodes, type SeenWorkflow, seenWorkflow } from '@agentteam/status';
import { reasonOf } from '../kube/kube-error.ts';
import type { KubeObject, ObjectMeta, OwnerReference } from '../kube/objects.ts';
import { keepNodes, pack, unpack } from './nodes.ts';

type Template = NonNullable<Workflow['spec']['templates']>[number];

/**
 * A Workflow as the controller keeps it: with little of the spec, without the copies of templates that Argo holds in
 * its status, and its nodes' inputs, which are most of its size (a hundred kilobytes and more for one
 * team).
 */
export interface StoredWorkflow extends KubeObject {
  /** Of the spec, the gates that do not wait for ever: by their limits it is told how they ended. */
  readonly spec: { readonly templates: readonly Pick<Template, 'name' | 'suspend'>[] };
  readonly shutdown?: string;
  /** Its namespace's share of memory holds no more of it than whose it is. */
  readonly lean?: true;
  /** By event of a restricted gate: the hash that the step behind it compares the proof with. */
  readonly guards: Readonly<Record<string, string>>;
  readonly status?: NonNullable<SeenWorkflow['status']>;
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

/** The API server checks the metadata of a Workflow; spec and status may hold any JSON. */
export function storeWorkflow(object: KubeObject): StoredWorkflow {
  const { apiVersion, kind, metadata, spec, status } = object as KubeObject & {
    readonly spec?: unknown;
    readonly status?: unknown;
  };
  const shutdown = isRecord(spec) ? spec['shutdown'] : undefined;
  const { nodes: _all, ...told } = isRecord(status) ? status : {};
  const { nodes, packed, offloaded, hidden } = isRecord(status) ? nodesOf(status) : {};
  const { status: seen } = seenWorkflow({
    metadata: {},
    status: isRecord(status) ? told : undefined,
  });
  return {
    apiVersion,
    kind,
    metadata: keptMetadata(metadata),
    spec: { templates: limitedGates(spec) },
    guards: guardsIn(spec),
    ...(typeof shutdown === 'string' && { shutdown }),
    ...(seen !== undefined && { status: { ...seen, ...(nodes && { nodes }) } }),
    ...(packed !== undefined && { packed }),
    ...(offloaded !== undefined && { offloaded }),
    ...(hidden !== undefined && { hidden }),
  };
}

/** As the compiler writes them. */
const GUARD = /^\{\{=[^{}]{1,200}tasks\['([\w-]{1,253})'\][^{}]{1,200} == '([0-9a-f]{64})'\}\}$/;

/** The spec may hold any JSON, and any number of tasks: a team has one for each agent and gate. */
const MOST_TASKS = 512;

function guardsIn(spec: unknown): StoredWorkflow['guards'] {
  const templates = listIn(spec, 'templates');
  const tasks = templates.flatMap((template) => {
    return isRecord(template) ? listIn(template['dag'], 'tasks') : [];
  });
  return Object.fromEntries(
    tasks.slice(0, MOST_TASKS).flatMap((task) => {
      const when = isRecord(task) ? task['when'] : undefined;
      const [, gate = '', hash = ''] = (typeof when === 'string' && GUARD.exec(when)) || [];
      return gate.startsWith(GATE_PREFIX) ? [[gate.slice(GATE_PREFIX.length), hash]] : [];
    }),
  );
}

function listIn(value: unknown, field: string): readonly unknown[] {
  const list = isRecord(value) ? value[field] : undefined;
  return Array.isArray(list) ? list.slice(0, MOST_TASKS) : [];
}

function keptMetadata(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const { labels, annotations, ownerReferences } = metadata;
  const ours = [ANNOTATIONS.generation, ANNOTATIONS.spec, ANNOTATIONS.earlierSpecs].flatMap(
    (name) => {
      const value = annotations?.[name];
      return value === undefined ? [] : [[name, value]];
    },
  );
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(labels !== undefined && { labels: keptLabels(labels) }),
    ...(ours.length > 0 && { annotations: Object.fromEntries(ours) }),
    ...(ownerReferences !== undefined && { ownerReferences: owners(ownerReferences) }),
  };
}

/** The team's, and who acted on the Workflow last. A Workflow may have thousands of others. */
const KEPT_LABEL = /^(workflows\.argoproj\.io\/actor|claude\.amcheste\.io\/)/;

function keptLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => KEPT_LABEL.test(name)));
}

/** What is kept of a Workflow that its namespace's share of memory has no room for. */
export function leanWorkflow({ apiVersion, kind, metadata }: StoredWorkflow): StoredWorkflow {
  return { apiVersion, kind, metadata, spec: { templates: [] }, guards: {}, lean: true };
}

/** A Workflow of ours has one owner. */
const MOST_OWNERS = 8;

function owners(all: readonly OwnerReference[]): readonly OwnerReference[] {
  return all.filter(({ kind }) => kind === AGENT_TEAM.kind).slice(0, MOST_OWNERS);
}

type KeptNodes = Pick<StoredWorkflow, 'packed' | 'offloaded' | 'hidden'> & {
  readonly nodes?: Nodes;
};

function nodesOf({
  compressedNodes,
  nodes,
  offloadNodeStatusVersion,
}: Readonly<Record<string, unknown>>): KeptNodes {
  if (typeof offloadNodeStatusVersion === 'string' && offloadNodeStatusVersion !== '') {
    const message = 'Argo keeps the steps of this Workflow in its database (nodeStatusOffLoad).';
    return { offloaded: offloadNodeStatusVersion, hidden: { reason: 'NodesOffloaded', message } };
  }
  try {
    if (compressedNodes) {
      const unpacked = keepNodes(unpack(compressedNodes));
      return { nodes: unpacked, packed: compressedNodes as string };
    }
    return nodes == null ? {} : { nodes: keepNodes(nodes) };
  } catch (error) {
    const message = `The steps of this Workflow cannot be read: ${reasonOf(error)}.`;
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
  const before = nodes[node.id];
  const compressedNodes = pack({
    ...nodes,
    [node.id]: { ...(isRecord(before) && before), ...node },
  });
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
