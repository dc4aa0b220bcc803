import { foldPath } from '@agentteam/contract';

/** Paths from the repository's root, as in a team's spec. The runner's `inScope` gives them their meaning. */
export interface Scope {
  readonly includePaths?: readonly string[];
  readonly excludePaths?: readonly string[];
}

/** A scope whose rules are in the form that {@link covers} compares. */
interface Rules {
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

/**
 * Whether a scope allows no change that none of the other scopes allows. Each of its paths must be inside one
 * of the others, and must exclude what that other scope excludes from it. A scope without `includePaths`
 * allows everything.
 */
export function isNarrower(scope: Scope | undefined, of: readonly (Scope | undefined)[]): boolean {
  const own = rulesOf(scope);
  const others = of.map(rulesOf);
  const paths = own.included.length === 0 ? [''] : own.included;
  return paths.every((path) => others.some((other) => isInside(path, own, other)));
}

/** Rules are normalised once: two scopes have up to a hundred thousand pairs of them. */
function rulesOf({ includePaths = [], excludePaths = [] }: Scope = {}): Rules {
  return {
    included: [...new Set(includePaths.map(clean))],
    excluded: [...new Set(excludePaths.map((path) => clean(foldPath(path))))],
  };
}

function isInside(path: string, { excluded }: Rules, other: Rules): boolean {
  if (other.included.length > 0 && !other.included.some((rule) => covers(rule, path))) return false;
  const folded = clean(foldPath(path));
  return other.excluded
    .filter((rule) => overlap(rule, folded))
    .every((rule) => excluded.some((own) => covers(own, rule)));
}

/** Whether a rule matches every path that another rule matches. */
function covers(wide: string, narrow: string): boolean {
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
