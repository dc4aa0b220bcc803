import { gunzipSync, gzipSync } from 'node:zlib';
import type { NodeStatus } from '@agentteam/argo';

export type Nodes = Readonly<Record<string, NodeStatus>>;

/** At most this much is unpacked of `compressedNodes`, whatever it claims to hold. */
const MAX_NODES_BYTES = 64 << 20;

/**
 * Nodes as they are kept: with what a team's status is made of.
 * @throws Error naming the node that is none.
 */
export function readNodes(nodes: Nodes): Nodes {
  return Object.fromEntries(
    Object.entries(nodes).map(([id, node]) => {
      if (!isNode(id, node)) throw new Error(`status.nodes["${id}"] is no node`);
      return [id, kept(node)];
    }),
  );
}

/** @throws Error when it is no gzip, too large, or no JSON. */
export function unpack(compressed: string): Nodes {
  const bytes = Buffer.from(compressed, 'base64');
  const json = gunzipSync(bytes, { maxOutputLength: MAX_NODES_BYTES }).toString('utf8');
  return JSON.parse(json) as Nodes;
}

export function pack(nodes: Nodes): string {
  return gzipSync(JSON.stringify(nodes)).toString('base64');
}

/** Inputs repeat what the templates say, and are most of a node. */
function kept({ id, name, type, displayName, phase, message, ...node }: NodeStatus): NodeStatus {
  const { templateName, startedAt, finishedAt, children, outputs } = node;
  const optional = { displayName, phase, message, templateName, startedAt, finishedAt, children };
  return {
    ...{ id, name, type },
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ...(outputs !== undefined && { outputs }),
  };
}

/** Whoever may write a Workflow may write anything into it: as much is asked as is relied upon. */
function isNode(id: string, value: unknown): value is NodeStatus {
  const node = value as Partial<Record<keyof NodeStatus, unknown>> | null;
  if (typeof node !== 'object' || node === null || node.id !== id) return false;
  const texts = [node.displayName, node.type, node.phase, node.message];
  const { children = [], outputs } = node;
  const { parameters = [] } = (outputs ?? {}) as { readonly parameters?: unknown };
  return (
    typeof node.name === 'string' &&
    texts.every((text) => text === undefined || typeof text === 'string') &&
    Array.isArray(children) &&
    Array.isArray(parameters) &&
    parameters.every((parameter) => typeof parameter === 'object' && parameter !== null)
  );
}
