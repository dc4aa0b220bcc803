import { AGENT_TEAM } from '@agentteam/api';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { ANNOTATIONS, eventOfGateStep, isGateStep, isRecord, LABELS } from '@agentteam/contract';
import { limitedGates, type Nodes, type WorkflowView, workflowView } from '@agentteam/status';
import { startOf } from '@agentteam/text';
import { reasonOf } from '../kube/kube-error.ts';
import { type KubeObject, type ObjectMeta, ownersOf } from '../kube/objects.ts';
import { pack, trimNodes, unpack } from './nodes.ts';

type Template = NonNullable<Workflow['spec']['templates']>[number];

/**
 * A Workflow as the cache holds it: without most of its spec, the copies of templates in its status, and
 * the inputs of its nodes. These are most of its size (a hundred kilobytes and more for one team).
 */
export interface CachedWorkflow extends KubeObject {
  /** The gates with a time limit, which tells an expired gate from an answered one. */
  readonly spec: { readonly templates: readonly Pick<Template, 'name' | 'suspend'>[] };
  readonly shutdown?: string;
  /** Whether no further step begins: a person, or the controller for a person, has suspended the Workflow. */
  readonly isSuspended?: true;
  /** The time limit of the whole Workflow. */
  readonly deadlineSeconds?: number;
  /** The cache holds only the metadata, because the namespace exceeds its share of memory. */
  readonly partial?: true;
  /** The hash with which the step behind a restricted gate verifies the proof, by event. */
  readonly guards: Readonly<Record<string, string>>;
  readonly status?: NonNullable<WorkflowView['status']>;
  /** The `compressedNodes` of a large Workflow. */
  readonly packed?: string;
  /** The version of the nodes in Argo's database, where Argo keeps those of a very large Workflow. */
  readonly offloaded?: string;
  /** Why `status` has no nodes although the Workflow has some. */
  readonly hidden?: HiddenNodes;
}

/** Nodes that are offloaded to a database, or malformed. */
export interface HiddenNodes {
  readonly reason: 'NodesOffloaded' | 'NodesUnreadable';
  readonly message: string;
}

/**
 * Copies a Workflow without the parts that the controller does not use. The API server validates only its
 * metadata: spec and status can be any JSON.
 */
export function trimWorkflow(object: KubeObject): CachedWorkflow {
  const { apiVersion, kind, metadata, spec, status } = object as KubeObject & {
    readonly spec?: unknown;
    readonly status?: unknown;
  };
  const {
    shutdown,
    suspend,
    activeDeadlineSeconds: limit,
  }: Readonly<Record<string, unknown>> = isRecord(spec) ? spec : {};
  const { nodes: _nodes, ...withoutNodes } = isRecord(status) ? status : {};
  const { nodes, packed, offloaded, hidden } = isRecord(status) ? nodesOf(status) : {};
  const { status: seen } = workflowView({
    metadata: {},
    status: isRecord(status) ? withoutNodes : undefined,
  });
  return {
    apiVersion,
    kind,
    metadata: keptMetadata(metadata),
    spec: { templates: limitedGates(spec) },
    guards: guardsIn(spec),
    ...(typeof shutdown === 'string' && { shutdown }),
    ...(suspend === true && { isSuspended: true }),
    ...(typeof limit === 'number' && { deadlineSeconds: limit }),
    ...(seen !== undefined && { status: { ...seen, ...(nodes && { nodes }) } }),
    ...(packed !== undefined && { packed }),
    ...(offloaded !== undefined && { offloaded }),
    ...(hidden !== undefined && { hidden }),
  };
}

/** The condition that the compiler writes behind a restricted gate, and no other that contains the hash. */
const GUARD =
  /^\{\{=sprig\.sha256sum\(tasks\['([\w-]{1,253})'\]\?\.outputs\?\.parameters\?\.proof \?\? ''\) == '([0-9a-f]{64})'\}\}$/;

/** Limit on the tasks to read: a team has one for each agent and gate, but the spec is untrusted. */
const MAX_TASKS = 512;

function guardsIn(spec: unknown): CachedWorkflow['guards'] {
  const templates = listIn(spec, 'templates');
  const tasks = templates.flatMap((template) => {
    return isRecord(template) ? listIn(template['dag'], 'tasks') : [];
  });
  return Object.fromEntries(
    tasks.slice(0, MAX_TASKS).flatMap((task) => {
      const when = isRecord(task) ? task['when'] : undefined;
      const [, gate = '', hash = ''] = (typeof when === 'string' && GUARD.exec(when)) || [];
      return isGateStep(gate) ? [[eventOfGateStep(gate), hash]] : [];
    }),
  );
}

function listIn(value: unknown, field: string): readonly unknown[] {
  const list = isRecord(value) ? value[field] : undefined;
  return Array.isArray(list) ? list.slice(0, MAX_TASKS) : [];
}

/** The metadata is kept of a Workflow beyond its namespace's share of memory, too, so its size is limited. */
function keptMetadata(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const { labels, annotations, ownerReferences } = metadata;
  const ours = KEPT_ANNOTATIONS.flatMap((name) => {
    const value = annotations?.[name];
    return value === undefined ? [] : [[name, startOf(value, LONGEST_ANNOTATION)]];
  });
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(labels !== undefined && { labels: keptLabels(labels) }),
    ...(ours.length > 0 && { annotations: Object.fromEntries(ours) }),
    ...(ownerReferences !== undefined && {
      ownerReferences: ownersOf(ownerReferences, AGENT_TEAM.kind),
    }),
  };
}

const KEPT_ANNOTATIONS = [
  ANNOTATIONS.generation,
  ANNOTATIONS.spec,
  ANNOTATIONS.earlierSpecs,
  ANNOTATIONS.pausedBy,
];

/** The longest one that the controller writes has 16 hashes. */
const LONGEST_ANNOTATION = 1200;

/** Our own labels, and those that name the last user of the Workflow. It may have thousands of others. */
const KEPT_LABELS: readonly string[] = [
  ...Object.values(LABELS),
  ...['actor', 'actor-email', 'actor-preferred-username'].map(
    (of) => `workflows.argoproj.io/${of}`,
  ),
];

function keptLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => KEPT_LABELS.includes(name)));
}

/** Reduces a Workflow that exceeds its namespace's share of memory to its metadata. */
export function partialWorkflow({ apiVersion, kind, metadata }: CachedWorkflow): CachedWorkflow {
  return { apiVersion, kind, metadata, spec: { templates: [] }, guards: {}, partial: true };
}

type KeptNodes = Pick<CachedWorkflow, 'packed' | 'offloaded' | 'hidden'> & {
  readonly nodes?: Nodes;
};

function nodesOf({
  compressedNodes,
  nodes,
  offloadNodeStatusVersion,
}: Readonly<Record<string, unknown>>): KeptNodes {
  if (typeof offloadNodeStatusVersion === 'string' && offloadNodeStatusVersion !== '') {
    const message = 'Argo keeps the steps of this Workflow in a database (nodeStatusOffLoad).';
    return { offloaded: offloadNodeStatusVersion, hidden: { reason: 'NodesOffloaded', message } };
  }
  try {
    if (compressedNodes) {
      const unpacked = trimNodes(unpack(compressedNodes));
      return { nodes: unpacked, packed: compressedNodes as string };
    }
    return nodes == null ? {} : { nodes: trimNodes(nodes) };
  } catch (error) {
    const message = `The steps of this Workflow are malformed: ${reasonOf(error)}.`;
    return { hidden: { reason: 'NodesUnreadable', message } };
  }
}

/** Patches `nodes` or `compressedNodes`, depending on which the Workflow has. */
interface NodePatch {
  readonly metadata: { readonly resourceVersion: string | undefined };
  readonly status: { readonly nodes?: Nodes; readonly compressedNodes?: string };
}

/**
 * A merge patch that changes a single node. The server refuses it (409) if the Workflow has changed since
 * it was read, because Argo, a person in the UI and this controller can all answer the same gate.
 */
export function nodePatch({ metadata, packed }: CachedWorkflow, node: NodeStatus): NodePatch {
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

/** The Workflow after that patch, with the metadata from the server's reply. */
export function withNode(
  workflow: CachedWorkflow,
  node: NodeStatus,
  { status: { compressedNodes } }: NodePatch,
  metadata: ObjectMeta,
): CachedWorkflow {
  const { status } = workflow;
  return {
    ...workflow,
    metadata: keptMetadata(metadata),
    status: { ...status, nodes: { ...status?.nodes, [node.id]: node } },
    ...(compressedNodes !== undefined && { packed: compressedNodes }),
  };
}

/** The Workflow after a request to stop it. */
export function withShutdown(
  workflow: CachedWorkflow,
  shutdown: string,
  metadata: ObjectMeta,
): CachedWorkflow {
  return { ...workflow, metadata: keptMetadata(metadata), shutdown };
}

/** The Workflow after a request to suspend it or to end that. */
export function withSuspend(
  { isSuspended: _before, ...workflow }: CachedWorkflow,
  isSuspended: boolean,
  metadata: ObjectMeta,
): CachedWorkflow {
  return { ...workflow, metadata: keptMetadata(metadata), ...(isSuspended && { isSuspended }) };
}
