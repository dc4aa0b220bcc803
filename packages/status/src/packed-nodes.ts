import { isRecord } from '@agentteam/contract';

/** Limit on the uncompressed size of the nodes. */
const MAX_BYTES = 8 << 20;

/** Decompresses gzip in base64. @throws Error when the input is neither, or the result exceeds the limit. */
export type Gunzip = (base64: string, maxBytes: number) => string;

/**
 * Restores the nodes of a large Workflow from `status.compressedNodes`, where Argo stores them.
 * @throws Error when Argo cannot have written the value.
 */
export function unpackNodes(
  compressed: unknown,
  gunzip: Gunzip,
): Readonly<Record<string, unknown>> {
  if (typeof compressed !== 'string') throw new Error('status.compressedNodes is not a string');
  const nodes = parsed(gunzip(compressed, MAX_BYTES));
  if (isRecord(nodes)) return nodes;
  throw new Error('status.compressedNodes contains no JSON object');
}

/** The message of a parse error would quote untrusted text. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
