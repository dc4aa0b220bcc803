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
  return fnv1a64(text).toString(16).padStart(16, '0');
}

/** FNV-1a, 64 bits: tells texts apart; it is no defence against one made to collide. */
function fnv1a64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i += 1) {
    hash = ((hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash;
}
