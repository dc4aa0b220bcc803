import { gunzipSync, gzipSync } from 'node:zlib';
import { isRecord } from '@agentteam/contract';
import { MOST_NODES, type Nodes, readNodes, unpackNodes } from '@agentteam/status';

/** Limit on the nodes to keep of a Workflow. A large team with all its attempts uses a fifth of it. */
const MAX_KEPT_CHARACTERS = 512 << 10;

/**
 * Returns the nodes with only the fields that a team's status needs.
 * @throws Error when the value is not an object, or is larger than any team's nodes.
 */
export function trimNodes(value: unknown): Nodes {
  if (!isRecord(value)) throw new Error('status.nodes is not an object');
  if (hasMoreThan(value, MOST_NODES)) throw new Error(`there are more than ${MOST_NODES} nodes`);
  const nodes = readNodes(value);
  if (JSON.stringify(nodes).length > MAX_KEPT_CHARACTERS) {
    throw new Error(`the nodes exceed ${MAX_KEPT_CHARACTERS >> 10} KiB`);
  }
  return nodes;
}

function hasMoreThan(value: object, most: number): boolean {
  let count = 0;
  for (const _ in value) if (++count > most) return true;
  return false;
}

/** @throws Error when the text is not gzip, too large, or not a JSON object. */
export function unpack(compressed: unknown): Readonly<Record<string, unknown>> {
  return unpackNodes(compressed, (base64, maxOutputLength) =>
    gunzipSync(Buffer.from(base64, 'base64'), { maxOutputLength }).toString('utf8'),
  );
}

export function pack(nodes: Readonly<Record<string, unknown>>): string {
  return gzipSync(JSON.stringify(nodes)).toString('base64');
}
