/**
 * Whether a name from a file that agents write may become part of a path. DNS labels, `team-lead` and
 * Claude Code's own names pass; path separators and `..` do not.
 */
export function isSafeName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(name);
}

/** @throws RangeError for a name that could lead out of its directory. */
export function safeName(name: string): string {
  if (!isSafeName(name)) throw new RangeError(`not a usable name: ${JSON.stringify(name)}`);
  return name;
}
