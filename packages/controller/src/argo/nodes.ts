import { gunzipSync, gzipSync } from 'node:zlib';
import { isRecord } from '@agentteam/contract';
import { MOST_NODES, type Nodes, readNodes } from '@agentteam/status';

/** At most this much is unpacked of `compressedNodes`, whatever it claims to hold. */
const MAX_UNPACKED_BYTES = 8 << 20;
/** And this much is kept of a Workflow's nodes: a large team with all its attempts has a fifth of it. */
const MAX_KEPT_CHARACTERS = 512 << 10;

/**
 * Nodes as they are kept: with what a team's status is made of.
 * @throws Error where they are none, or more than any team has.
 */
export function keepNodes(value: unknown): Nodes {
  if (!isRecord(value)) throw new Error('status.nodes is not an object');
  if (hasMoreThan(value, MOST_NODES)) throw new Error(`there are more than ${MOST_NODES} of them`);
  const nodes = readNodes(value);
  if (JSON.stringify(nodes).length > MAX_KEPT_CHARACTERS) {
    throw new Error(`they hold more than ${MAX_KEPT_CHARACTERS >> 10} KiB`);
  }
  return nodes;
}

function hasMoreThan(value: object, most: number): boolean {
  let count = 0;
  for (const _ in value) if (++count > most) return true;
  return false;
}

/** @throws Error when it is no gzip, too large, or no JSON. */
export function unpack(compressed: unknown): Readonly<Record<string, unknown>> {
  if (typeof compressed !== 'string') throw new Error('status.compressedNodes is not text');
  const bytes = Buffer.from(compressed, 'base64');
  const json = gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }).toString('utf8');
  const nodes = parsed(json);
  if (isRecord(nodes)) return nodes;
  throw new Error('status.compressedNodes holds no nodes');
}

/** The parser's own words would quote what somebody else has written. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

export function pack(nodes: Readonly<Record<string, unknown>>): string {
  return gzipSync(JSON.stringify(nodes)).toString('base64');
}
