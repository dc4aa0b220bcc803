/** Paths from the repository's root, as in a team's spec. The runner's `inScope` gives them their meaning. */
export interface Scope {
  readonly includePaths?: readonly string[];
  readonly excludePaths?: readonly string[];
}

/**
 * Whether a scope allows no change that none of the other scopes allows. Each of its paths must be inside one
 * of the others, and must exclude what that other scope excludes from it. A scope without `includePaths`
 * allows everything.
 */
export function isNarrower(scope: Scope | undefined, of: readonly (Scope | undefined)[]): boolean {
  const { includePaths = [], excludePaths = [] } = scope ?? {};
  const isInside = (
    path: string,
    { includePaths: within = [], excludePaths: without = [] }: Scope,
  ) =>
    (within.length === 0 || within.some((rule) => covers(rule, path))) &&
    without
      .filter((rule) => overlap(fold(rule), fold(path)))
      .every((rule) => excludePaths.some((own) => covers(own, rule)));
  const paths = includePaths.length === 0 ? [''] : includePaths;
  return paths.every((path) => of.some((other) => isInside(path, other ?? {})));
}

/** Whether a rule matches every path that another rule matches. */
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

/** Excluding rules ignore letter case. */
function fold(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
