/**
 * Whether a name may become part of a path. Names come from files that agents write; a DNS label,
 * `team-lead` and what Claude Code itself calls agents all pass, a path separator or `..` never does.
 */
export function isSafeName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(name);
}

/** @throws RangeError for a name that could leave its directory. */
export function safeName(name: string): string {
  if (!isSafeName(name)) throw new RangeError(`not a usable name: ${JSON.stringify(name)}`);
  return name;
}
