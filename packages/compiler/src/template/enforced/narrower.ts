/** Paths from the repository's root, as a team writes them: see `inScope` of the runner. */
export interface Scope {
  readonly includePaths?: readonly string[];
  readonly excludePaths?: readonly string[];
}

/**
 * Whether a scope lets an agent change nothing that none of the others does. Every path must lie in
 * one of them as a whole, and must leave out again what that one leaves out of it. A scope without
 * `includePaths` is everything.
 */
export function isNarrower(scope: Scope | undefined, of: readonly (Scope | undefined)[]): boolean {
  const { includePaths = [], excludePaths = [] } = scope ?? {};
  const lies = (path: string, { includePaths: within = [], excludePaths: without = [] }: Scope) =>
    (within.length === 0 || within.some((rule) => covers(rule, path))) &&
    without
      .filter((rule) => overlap(fold(rule), fold(path)))
      .every((rule) => excludePaths.some((own) => covers(own, rule)));
  const paths = includePaths.length === 0 ? [''] : includePaths;
  return paths.every((path) => of.some((other) => lies(path, other ?? {})));
}

/** Whether a rule holds for all that another rule holds for. */
function covers(rule: string, path: string): boolean {
  const [wide, narrow] = [clean(rule), clean(path)];
  if (wide === '') return true;
  return wide.endsWith('/')
    ? narrow.startsWith(wide)
    : narrow === wide || narrow.startsWith(`${wide}/`);
}

function overlap(one: string, other: string): boolean {
  return covers(one, other) || covers(other, one) || covers(`${one}/`, other);
}

function clean(rule: string): string {
  const path = rule.replace(/^(\.?\/)+/, '').replace(/\/{2,}/g, '/');
  return path === '.' ? '' : path;
}

/** Rules that exclude also hold for names in another letter case. */
function fold(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
