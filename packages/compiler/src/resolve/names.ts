/** Argo copies a Workflow's name into labels (63 characters) and puts it in front of pod names. */
const MAX_WORKFLOW_NAME = 52;

/** The name of a team's Workflow: the team's own, shortened with a digest where it is too long. */
export function workflowName(team: string): string {
  return shorten(team, MAX_WORKFLOW_NAME);
}

/** The name of the claim that all pods of a team share. */
export function teamClaimName(workflow: string): string {
  return `${workflow}-team`;
}

/** A DNS label of at most `length` characters that differs where `name` differs. */
export function shorten(name: string, length: number): string {
  if (name.length <= length) return name;
  const suffix = digest(name).slice(0, 8);
  const head = name.slice(0, length - suffix.length - 1).replace(/[^a-z0-9]+$/, '');
  return `${head}-${suffix}`;
}

/** Sixteen hexadecimal digits that differ where the text does. */
export function digest(text: string): string {
  const [high, low] = fnv1a64(text);
  return hex(high) + hex(low);
}

/**
 * The 64-bit FNV-1a hash of a text's UTF-16 code units, as its upper and lower 32 bits. It tells texts
 * apart and does not resist deliberate collisions. Prompts have many kilobytes, and the same arithmetic
 * on a `bigint` took half of a compilation.
 */
function fnv1a64(text: string): readonly [high: number, low: number] {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < text.length; i += 1) {
    low = (low ^ text.charCodeAt(i)) >>> 0;
    // The prime is 2^40 + 0x1b3.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return [high, low];
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
